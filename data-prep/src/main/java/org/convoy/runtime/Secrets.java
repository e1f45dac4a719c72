package org.convoy.runtime;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.util.regex.Pattern;

/**
 * Keeps passwords out of what is printed and written. The effective configuration stands in logs, reports, manifests and model cards,
 * so none is taken in a path; and what libraries say of a path is printed without it.
 */
public final class Secrets {
    /** scheme://user:password@host; a port is no password. */
    private static final Pattern PASSWORD =
            Pattern.compile("(\\w[\\w+.-]*://[^/:@\\s\"]*:)(?!\\d+(?:[/\\s\"]|$))[^@\\s\"]*@");

    private Secrets() {}

    /** The text with "***" in place of each password in a URI. */
    public static String hidden(String text) {
        return PASSWORD.matcher(text).replaceAll("$1***@");
    }

    /**
     * Refuses a value of the configuration that holds a password.
     *
     * @throws UserError (usage) which names the key and hides the password
     */
    static void requireNone(String key, ConfigValue value) {
        String given = value.render(ConfigRenderOptions.concise());
        if (PASSWORD.matcher(given).find()) {
            throw UserError.usage(key + " must hold no password, which would stand in logs and reports, but was "
                    + hidden(given) + "; give it to Hadoop, in hadoop.security.credential.provider.path or as a"
                    + " property of the file system");
        }
    }
}
