package org.convoy.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.convoy.prepare.PictureUnits.Unit;
import org.convoy.report.JsonReport;
import org.convoy.runtime.UserError;

/**
 * What a run does, {@code _plan.json}: recorded before the first picture is scored, so that a run that takes it up does the same.
 *
 * @param settings whatever the answers depend on, by name
 * @param units in the order of the files' numbers
 */
record ScorePlan(int formatVersion, Map<String, String> settings, List<Unit> units) {
    static final String FILE_NAME = "_plan.json";
    private static final int FORMAT_VERSION = 1;

    ScorePlan(Map<String, String> settings, List<Unit> units) {
        this(FORMAT_VERSION, settings, units);
    }

    /** The pictures of all units. */
    long pictures() {
        return units.stream().mapToLong(Unit::pictures).sum();
    }

    /**
     * Makes sure that this is what the output was begun with.
     *
     * @param output for messages
     * @throws UserError (usage) if a setting is another; (bad input) if the input is
     */
    void requireSame(ScorePlan recorded, String output) {
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            String before = recorded.settings.get(setting.getKey());
            if (!setting.getValue().equals(before)) {
                throw UserError.usage("[" + output + "] belongs to another run: " + setting.getKey() + " was '" + before
                        + "' and is '" + setting.getValue()
                        + "'; give another score.output, or the same setting to go on with it");
            }
        }
        if (recorded.units.size() != units.size()) {
            throw changed(recorded, output, "it had " + recorded.units.size() + " units and has " + units.size());
        }
        for (int number = 0; number < units.size(); number++) {
            Unit before = recorded.units.get(number);
            Unit now = units.get(number);
            if (!now.equals(before)) {
                throw changed(
                        recorded,
                        output,
                        "unit " + number + " was " + before.of() + " (" + before.pictures() + " pictures) and is "
                                + now.of() + " (" + now.pictures() + " pictures)");
            }
        }
    }

    private UserError changed(ScorePlan recorded, String output, String difference) {
        return UserError.badInput("[" + output + "] belongs to an input of " + recorded.pictures()
                + " pictures that has changed since and has " + pictures() + ": " + difference
                + "; score it as it is now into another score.output");
    }

    byte[] toJson() {
        return JsonReport.of(this);
    }

    /** @throws UserError (bad input) if it is no plan of this release */
    static ScorePlan fromJson(byte[] json, String output) {
        try {
            ScorePlan plan = new JsonMapper().readValue(json, ScorePlan.class);
            Objects.requireNonNull(plan.settings, "settings");
            Objects.requireNonNull(plan.units, "units");
            if (plan.formatVersion != FORMAT_VERSION) {
                throw UserError.badInput("[" + output + "/" + FILE_NAME + "] formatVersion must be " + FORMAT_VERSION
                        + " but was " + plan.formatVersion);
            }
            return plan;
        } catch (JsonProcessingException e) {
            throw UserError.badInput(
                    "[" + output + "/" + FILE_NAME + "] is no plan of a scoring run: " + e.getOriginalMessage(), e);
        } catch (IOException | NullPointerException e) {
            throw UserError.badInput(
                    "[" + output + "/" + FILE_NAME + "] is no plan of a scoring run: " + e.getMessage(), e);
        }
    }
}
