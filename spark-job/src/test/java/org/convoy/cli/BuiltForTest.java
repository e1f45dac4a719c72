package org.convoy.cli;

import org.convoy.runtime.ExitCode;
import org.convoy.runtime.UserError;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BuiltForTest {
    @Test
    void acceptsThisSparkAndItsPatches() {
        assertThatCode(BuiltFor::requireThisSpark).doesNotThrowAnyException();
        assertThatCode(() -> BuiltFor.require("3.5.1", "2.12.17")).doesNotThrowAnyException();
    }

    @Test
    void refusesAnotherScalaAndAnotherSpark() {
        assertThatThrownBy(() -> BuiltFor.require("3.5.5", "2.13.8"))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
                .hasMessage(
                        "This build of Convoy is for Spark 3.5 with Scala 2.12 but runs on Spark 3.5.5 with Scala 2.13.8;"
                                + " take a Spark of those versions");
        assertThatThrownBy(() -> BuiltFor.require("3.4.1", "2.12.17"))
                .hasMessageContaining("but runs on Spark 3.4.1 with Scala 2.12.17");
    }
}
