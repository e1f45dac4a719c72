package org.convoy.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** Which Convoy is running, as the build wrote it. */
public final class ConvoyVersion {
    private static final String RESOURCE = "version.properties";

    private ConvoyVersion() {}

    /** The version, such as {@code 0.1.0}. */
    public static String current() {
        return property("version");
    }

    /** The git revision it was built from; {@code unknown} outside of a checkout. */
    public static String revision() {
        return property("revision");
    }

    /** The version of Spark that it was built for. */
    public static String spark() {
        return property("spark");
    }

    /** The version of Scala that this Spark was built for. */
    public static String scala() {
        return property("scala");
    }

    private static String property(String name) {
        Properties properties = new Properties();
        try (InputStream in = ConvoyVersion.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("Cannot find " + RESOURCE + " on the class path");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + RESOURCE, e);
        }
        return properties.getProperty(name);
    }
}
