package org.convoy.doctor;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.UserGroupInformation;
import org.convoy.train.BlockTransfer;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StorageChecksTest {
    @Test
    void aConfiguredKerberosWithoutATicketIsAnError() {
        Configuration secured = new Configuration(false);
        secured.set("hadoop.security.authentication", "kerberos");
        UserGroupInformation user = UserGroupInformation.createRemoteUser("somebody");
        assertThat(StorageChecks.kerberos(secured, user)).satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.ERROR);
            assertThat(finding.what())
                    .isEqualTo("somebody has no ticket, though hadoop.security.authentication is kerberos");
            assertThat(finding.remedy()).contains("kinit", "--keytab");
        });
        assertThat(StorageChecks.kerberos(new Configuration(false), user).severity())
                .isEqualTo(Severity.OK);
    }

    @Test
    void eachRefusalHasItsOwnRemedy() {
        Map<String, String> remedies = Map.of(
                "Cannot create file /x. Name node is in safe mode.",
                "-safemode get",
                "Permission denied: user=me, access=WRITE, inode=\"/\"",
                "-chown",
                "The DiskSpace quota of /x is exceeded",
                "-setSpaceQuota",
                "File /x could only be written to 0 of the 1 minReplication nodes.",
                "dfsadmin -report",
                "SIMPLE authentication is not enabled.  Available:[TOKEN, KERBEROS]",
                "kinit",
                "Call From here to nn:8020 failed on connection exception: Connection refused",
                "HADOOP_CONF_DIR");
        remedies.forEach((refusal, remedy) -> {
            Finding finding = StorageChecks.failure("the driver", "hdfs://nn/models", new IOException(refusal));
            assertThat(finding.severity()).isEqualTo(Severity.ERROR);
            assertThat(finding.what())
                    .startsWith("[hdfs://nn/models] the driver cannot use it: ")
                    .endsWith(refusal);
            assertThat(finding.remedy()).as(refusal).contains(remedy);
        });
    }

    @Test
    void theSlowestLinkIsNamed() {
        List<Finding> findings = NetworkChecks.findings(List.of(
                new BlockTransfer.Speed("a/0", "b/1", 900e6),
                new BlockTransfer.Speed("b/1", "a/0", 11e6),
                new BlockTransfer.Speed("a/0", "the driver", 800e6),
                new BlockTransfer.Speed("b/1", "the driver", 700e6)));
        assertThat(findings).extracting(Finding::severity).containsExactly(Severity.WARNING, Severity.OK);
        assertThat(findings.get(0).what())
                .isEqualTo("executor to executor: 900 MB/s, the slowest 11 MB/s (b/1 to a/0)");
        assertThat(findings.get(1).what())
                .isEqualTo("executor to driver: 800 MB/s, the slowest 700 MB/s (b/1 to the driver)");
    }
}
