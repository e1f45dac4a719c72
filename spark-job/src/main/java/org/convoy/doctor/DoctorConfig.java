package org.convoy.doctor;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * What the doctor is told beside the training's own configuration.
 *
 * @param checkLimit after which a check is given up
 * @param rehearsal how long rounds are tried; zero for not at all
 */
public record DoctorConfig(Duration checkLimit, Duration rehearsal) {
    public DoctorConfig {
        if (checkLimit.toSeconds() < 1) {
            throw new IllegalArgumentException(
                    "doctor.check-seconds must be at least 1 but was " + checkLimit.toSeconds());
        }
        if (rehearsal.isNegative()) {
            throw new IllegalArgumentException(
                    "doctor.rehearsal-seconds must be at least 0 but was " + rehearsal.toSeconds());
        }
    }

    /** Reads section {@code doctor}. */
    public static DoctorConfig from(Config settings) {
        return new DoctorConfig(
                Duration.ofSeconds(settings.getLong("doctor.check-seconds")),
                Duration.ofSeconds(settings.getLong("doctor.rehearsal-seconds")));
    }
}
