package org.convoy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.apache.spark.sql.SparkSession;
import org.convoy.cli.JobCommand;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/** Who may know whom. */
@AnalyzeClasses(packages = "org.convoy", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureRulesTest {
    private static final String[] CORE_MODEL = {"org.convoy.model.."};
    private static final String[] DATA_PREP = {"org.convoy.runtime..", "org.convoy.data..", "org.convoy.prepare.."};
    private static final String[] DL4J = {"org.deeplearning4j..", "org.nd4j..", "org.datavec.."};

    @ArchTest
    static final ArchRule CORE_MODEL_KNOWS_NEITHER_SPARK_NOR_HADOOP = noClasses()
            .that()
            .resideInAnyPackage(CORE_MODEL)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala..");

    @ArchTest
    static final ArchRule CORE_MODEL_KNOWS_NO_OTHER_MODULE = noClasses()
            .that()
            .resideInAnyPackage(CORE_MODEL)
            .should()
            .dependOnClassesThat(new DescribedPredicate<JavaClass>("belong to another module") {
                @Override
                public boolean test(JavaClass other) {
                    String name = other.getPackageName();
                    return name.startsWith("org.convoy") && !name.startsWith("org.convoy.model");
                }
            });

    @ArchTest
    static final ArchRule DATA_PREP_KNOWS_NO_DL4J = noClasses()
            .that()
            .resideInAnyPackage(DATA_PREP)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(DL4J);

    @ArchTest
    static final ArchRule DATA_PREP_KNOWS_NO_OTHER_MODULE = noClasses()
            .that()
            .resideInAnyPackage(DATA_PREP)
            .should()
            .dependOnClassesThat(new DescribedPredicate<JavaClass>("belong to another module") {
                @Override
                public boolean test(JavaClass other) {
                    String name = other.getPackageName();
                    return name.startsWith("org.convoy")
                            && !name.startsWith("org.convoy.runtime")
                            && !name.startsWith("org.convoy.data")
                            && !name.startsWith("org.convoy.prepare");
                }
            });

    @ArchTest
    static final ArchRule ONLY_THE_PEER_KNOWS_DL4J_BESIDE_CORE_MODEL = noClasses()
            .that()
            .resideOutsideOfPackage("org.convoy.model..")
            .and()
            .haveNameNotMatching("org\\.convoy\\.train\\.Dl4jSparkTraining.*")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(DL4J);

    @ArchTest
    static final ArchRule ONLY_THE_COMMAND_LINE_OPENS_A_SESSION =
            noClasses().that().doNotBelongToAnyOf(JobCommand.class).should().callMethod(SparkSession.class, "builder");

    @ArchTest
    static final ArchRule NO_PACKAGE_CYCLES =
            slices().matching("org.convoy.(**)").should().beFreeOfCycles();
}
