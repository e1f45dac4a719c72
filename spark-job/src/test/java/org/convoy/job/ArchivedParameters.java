package org.convoy.job;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.convoy.repository.ModelRepository;

/** The parameters of a model as its archive holds them, to be compared bit for bit. */
final class ArchivedParameters {
    private ArchivedParameters() {}

    /** Of a model's first version. */
    static byte[] of(ModelRepository repository, String model) throws IOException {
        byte[] zip = repository.archive(model, 1).zip();
        try (ZipInputStream entries = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                if (entry.getName().equals("coefficients.bin")) {
                    return entries.readAllBytes();
                }
            }
        }
        throw new AssertionError("no parameters in the archive of " + model);
    }
}
