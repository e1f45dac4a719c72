package org.convoy.runtime;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SecretsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3a://AKIA1:geh/eim@bucket/data",
                "ftp://me:123geheim@host:21/data",
                "ftp://me:123@host/geheim@",
                "hdfs://a:geheim@name-node:8020/data"
            })
    void aPathWithAPasswordIsRefusedWithoutIt(String path) {
        assertThatThrownBy(() -> Settings.load(Optional.empty(), List.of("prepare.input=" + path)))
                .isInstanceOfSatisfying(
                        UserError.class, error -> assertThat(error.exitCode()).isEqualTo(ExitCode.USAGE))
                .hasMessageStartingWith("prepare.input must hold no password, which would stand in logs and reports,"
                        + " but was \"" + path.substring(0, path.indexOf(':', 6) + 1) + "***@")
                .hasMessageContaining("hadoop.security.credential.provider.path");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hdfs://name-node:8020/data/a@b",
                "hdfs://name-node:8020",
                "abfs://container@account.dfs.core.windows.net/data",
                "file:/home/me:you@here",
                "/a:b@c"
            })
    void portsUsersAndOtherSignsAreNoPasswords(String path) {
        assertThat(Settings.load(Optional.empty(), List.of("prepare.input=" + path))
                        .getString("prepare.input"))
                .isEqualTo(path);
    }

    @Test
    void hidesEachPasswordOfAText() {
        assertThat(Secrets.hidden("[ftp://me:a@b/c] Cannot read: ftp://me:d@b/c, hdfs://nn:8020/e"))
                .isEqualTo("[ftp://me:***@b/c] Cannot read: ftp://me:***@b/c, hdfs://nn:8020/e");
    }
}
