package org.convoy.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.apache.spark.SparkConf;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class StartWatchTest {
    private static final SparkConf YARN = new SparkConf(false).set("spark.master", "yarn");

    @Test
    void givesUpWhenYarnDoesNotStartTheApplication() {
        assertThatThrownBy(() -> StartWatch.during(YARN, Duration.ofMillis(50), StartWatchTest::waitForEver))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("YARN did not start the application within 0 s: its queue 'default' has no room");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void leavesOtherFailuresAlone() {
        Supplier<Object> failing = () -> {
            throw new IllegalArgumentException("something else");
        };
        assertThatThrownBy(() -> StartWatch.during(YARN, Duration.ofMinutes(1), failing))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void handsOnWhatHasStarted() {
        assertThat(StartWatch.during(YARN, Duration.ofMinutes(1), () -> "session"))
                .isEqualTo("session");
    }

    private static Object waitForEver() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return null;
    }
}
