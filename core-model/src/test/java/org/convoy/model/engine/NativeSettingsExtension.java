package org.convoy.model.engine;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Makes the native settings before any test touches ND4J; registered for all tests of the module. */
public final class NativeSettingsExtension implements BeforeAllCallback {
    private static final int THREADS_PER_WORKER = 1;

    @Override
    public void beforeAll(ExtensionContext context) {
        NativeSettings.apply(THREADS_PER_WORKER);
    }
}
