package org.convoy.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.apache.spark.SparkConf;
import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MastersTest {
    @Test
    void namesAMasterThatDoesNotAnswer() throws IOException {
        int port = unusedPort();
        assertThatThrownBy(() -> requireReachable("spark://127.0.0.1:" + port))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.FAILED))
                .hasMessage("[spark://127.0.0.1:" + port + "] Cannot reach the Spark master: 127.0.0.1:" + port
                        + " Connection refused; is it running, and is that its address?");
    }

    @Test
    void oneOfSeveralMastersIsEnough() throws IOException {
        try (ServerSocket master = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String masters = "spark://127.0.0.1:" + unusedPort() + ",127.0.0.1:" + master.getLocalPort();
            assertThatCode(() -> requireReachable(masters)).doesNotThrowAnyException();
        }
    }

    @Test
    void namesAHostThatDoesNotExist() {
        assertThatThrownBy(() -> requireReachable("spark://no-such-host.invalid:7077"))
                .hasMessageContaining("no-such-host.invalid:7077 unknown host");
    }

    @Test
    void refusesAnAddressWithoutAPort() {
        assertThatThrownBy(() -> requireReachable("spark://master"))
                .hasMessage("spark.master must be spark://HOST:PORT but was spark://master");
    }

    @Test
    void namesAResourceManagerThatDoesNotAnswer() {
        // No yarn-site.xml on the class path: YARN's default address, where nothing listens.
        assertThatThrownBy(() -> requireReachable("yarn"))
                .hasMessageStartingWith("[yarn] Cannot reach the ResourceManager: 0.0.0.0:8032 Connection refused");
    }

    @Test
    void asksNobodyWhereThereIsNoMasterOrTheMasterStartedTheDriver() {
        assertThatCode(() -> requireReachable("local[2]")).doesNotThrowAnyException();
        assertThatCode(() -> Masters.requireReachable(
                        new SparkConf(false).set("spark.master", "yarn").set("spark.submit.deployMode", "cluster")))
                .doesNotThrowAnyException();
    }

    private static void requireReachable(String master) {
        Masters.requireReachable(new SparkConf(false).set("spark.master", master));
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
