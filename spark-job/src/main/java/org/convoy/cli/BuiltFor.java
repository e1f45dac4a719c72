package org.convoy.cli;

import org.convoy.runtime.ConvoyVersion;
import org.convoy.runtime.UserError;

/** Whether this build suits the Spark that runs it: another one would fail later, by a method that is not there. */
final class BuiltFor {
    private BuiltFor() {}

    /** @throws UserError (usage) if Spark's minor version or Scala's binary version is another */
    static void requireThisSpark() {
        require(org.apache.spark.package$.MODULE$.SPARK_VERSION(), scala.util.Properties.versionNumberString());
    }

    static void require(String spark, String scala) {
        if (!minor(spark).equals(minor(ConvoyVersion.spark())) || !minor(scala).equals(minor(ConvoyVersion.scala()))) {
            throw UserError.usage("This build of Convoy is for Spark " + minor(ConvoyVersion.spark()) + " with Scala "
                    + minor(ConvoyVersion.scala()) + " but runs on Spark " + spark + " with Scala " + scala
                    + "; take a Spark of those versions");
        }
    }

    /** {@code 3.5} of {@code 3.5.5}. */
    private static String minor(String version) {
        return version.replaceFirst("^(\\d+\\.\\d+).*", "$1");
    }
}
