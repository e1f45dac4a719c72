package org.convoy.prepare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.convoy.data.Sha256;

/**
 * Which process a staging directory belongs to, as part of its name: so that a later run can tell that it is dead. Only a process of
 * the same machine, boot, process namespace and user can be known to be dead; any other may be alive.
 */
final class StagingOwner {
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})-(\\d{1,18})-[0-9a-f-]{36}.*");
    private static final String HERE = here();

    private StagingOwner() {}

    /** A name for this process; another one with each call. */
    static String name() {
        return name(ProcessHandle.current().pid());
    }

    static String name(long pid) {
        return HERE + "-" + pid + "-" + UUID.randomUUID();
    }

    /**
     * Whether the process that {@link #name()} was called in is over for sure.
     *
     * @param name with or without something behind it
     */
    static boolean isDead(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches()
                && matcher.group(1).equals(HERE)
                && ProcessHandle.of(Long.parseLong(matcher.group(2))).isEmpty();
    }

    /** Where a process number means the same process; nowhere else than in this process if Linux does not say. */
    private static String here() {
        String where;
        try {
            where = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                    + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"))
                    + System.getProperty("user.name");
        } catch (IOException e) {
            where = UUID.randomUUID().toString();
        }
        return Sha256.hex(Sha256.of(where.getBytes(StandardCharsets.UTF_8))).substring(0, 16);
    }
}
