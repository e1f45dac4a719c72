package org.convoy.runtime;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * Which process something belongs to, a staging directory or a lock, so that a later run can tell that it is dead. Only a process of
 * the same machine, boot, process namespace and user can be known to be dead; any other may be alive.
 */
public final class ProcessName {
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})-(\\d{1,18})-[0-9a-f-]{36}.*");
    private static final String HERE = here();

    private ProcessName() {}

    /** A name for this process; another one with each call. */
    public static String name() {
        return name(ProcessHandle.current().pid());
    }

    /** What {@link #name()} gives in the process with this number. */
    public static String name(long pid) {
        return HERE + "-" + pid + "-" + UUID.randomUUID();
    }

    /**
     * Whether the process that {@link #name()} was called in is over for sure.
     *
     * @param name with or without something behind it
     */
    public static boolean isDead(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches()
                && matcher.group(1).equals(HERE)
                && ProcessHandle.of(Long.parseLong(matcher.group(2))).isEmpty();
    }

    /** The user that it runs for, as Hadoop knows them. */
    public static String user() {
        try {
            return UserGroupInformation.getCurrentUser().getShortUserName();
        } catch (IOException e) {
            return System.getProperty("user.name");
        }
    }

    /** The machine that it runs on, in words for people. */
    public static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "a machine without a name";
        }
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
        return UUID.nameUUIDFromBytes(where.getBytes(StandardCharsets.UTF_8))
                .toString()
                .replace("-", "")
                .substring(0, 16);
    }
}
