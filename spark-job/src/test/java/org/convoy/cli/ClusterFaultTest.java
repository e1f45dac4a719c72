package org.convoy.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import org.apache.hadoop.hdfs.protocol.DSQuotaExceededException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.AccessControlException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The faults as HDFS words them; the development cluster's test has them happen. */
class ClusterFaultTest {
    @Test
    void findsTheFaultBelowWhatSparkAndConvoyWrapItIn() {
        Exception failure = new UncheckedIOException(
                "Cannot write",
                new IOException(
                        new AccessControlException("Permission denied: user=guest, access=WRITE, inode=\"/\"")));
        assertThat(ClusterFault.inWords(failure))
                .contains(
                        "Permission denied: user=guest, access=WRITE, inode=\"/\"; ask for the right, or run as a user who"
                                + " has it");
    }

    @Test
    void saysThatHdfsIsFull() {
        assertThat(ClusterFault.inWords(new RemoteException(
                        IOException.class.getName(),
                        "File /models/x could only be written to 0 of the 1 minReplication nodes. There are 3 datanode(s)"
                                + " running and 3 node(s) are excluded in this operation.\n\tat org.apache...")))
                .contains(
                        "File /models/x could only be written to 0 of the 1 minReplication nodes. There are 3 datanode(s)"
                                + " running and 3 node(s) are excluded in this operation; there is no room left: free space,"
                                + " raise the quota, or start DataNodes");
        assertThat(ClusterFault.inWords(new DSQuotaExceededException(1, 2)).orElseThrow())
                .contains("there is no room left");
    }

    @Test
    void leavesHadoopsLinksAway() {
        assertThat(ClusterFault.inWords(new ConnectException(
                        "Call From a/127.0.0.1 to b:8020 failed on connection exception: Connection refused; For more"
                                + " details see:  http://wiki.apache.org/hadoop/ConnectionRefused")))
                .contains("Call From a/127.0.0.1 to b:8020 failed on connection exception: Connection refused; is the"
                        + " service running, and is that its address?");
    }

    @Test
    void knowsNothingOfOtherFailures() {
        assertThat(ClusterFault.inWords(new IllegalStateException("a defect"))).isEmpty();
    }
}
