package org.convoy.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of Convoy that is running, as the build wrote it. */
public final class ConvoyVersion {
    private static final String RESOURCE = "version.properties";

    private ConvoyVersion() {}

    public static String current() {
        Properties properties = new Properties();
        try (InputStream in = ConvoyVersion.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("Cannot find " + RESOURCE + " on the class path");
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + RESOURCE, e);
        }
        return properties.getProperty("version");
    }
}
