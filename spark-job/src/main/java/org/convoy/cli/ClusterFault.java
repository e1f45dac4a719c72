package org.convoy.cli;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Optional;
import org.apache.hadoop.hdfs.server.namenode.SafeModeException;
import org.apache.hadoop.security.AccessControlException;
import org.convoy.runtime.FullDisk;

/** Faults of the cluster that its user or administrator can put right, told by what Hadoop and Spark throw. */
final class ClusterFault {
    private ClusterFault() {}

    /** One line with what to do, if a fault of the cluster lies under {@code failure}. */
    static Optional<String> inWords(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            Optional<String> advice = advice(cause);
            if (advice.isPresent()) {
                return Optional.of(firstSentence(cause) + "; " + advice.get());
            }
        }
        return Optional.empty();
    }

    private static Optional<String> advice(Throwable fault) {
        String message = String.valueOf(fault.getMessage());
        if (fault instanceof AccessControlException) {
            return Optional.of("ask for the right, or run as a user who has it");
        }
        if (fault instanceof SafeModeException) {
            return Optional.of("wait until HDFS takes changes (hdfs dfsadmin -safemode get), and run again");
        }
        if (FullDisk.is(fault)) {
            return Optional.of("there is no room left: free space, raise the quota, or start DataNodes");
        }
        if (fault instanceof ConnectException || fault instanceof NoRouteToHostException) {
            return Optional.of("is the service running, and is that its address?");
        }
        if (fault instanceof UnknownHostException) {
            return Optional.of("no such host: is the address right (fs.defaultFS, HADOOP_CONF_DIR)?");
        }
        if (message.contains("SparkContext was shut down") || message.contains("stopped SparkContext")) {
            return Optional.of(
                    "the cluster has ended the application: its master's page and the executors' logs say why");
        }
        return Optional.empty();
    }

    /** Hadoop adds stack traces of the server, advice of its own and links. */
    private static String firstSentence(Throwable fault) {
        String line = String.valueOf(fault.getMessage()).lines().findFirst().orElse(fault.toString());
        return line.replaceFirst("; *For more details see:.*", "").replaceFirst("[.;]+ *$", "");
    }
}
