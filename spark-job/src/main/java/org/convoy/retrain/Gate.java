package org.convoy.retrain;

/**
 * One thing that a candidate is asked for, and how it did.
 *
 * @param name of the gate, with the class where it is of one
 * @param current the current version's figure, or what the candidate's is compared with; null where there is none
 * @param candidate the candidate's; null where there is none
 * @param rule what the candidate's must be
 * @param detail what else is to know; "" for nothing
 */
public record Gate(String name, Double current, Double candidate, String rule, Verdict verdict, String detail) {

    /** What a gate says. */
    public enum Verdict {
        PASSED,
        FAILED,
        /** There is nothing to compare with; the candidate is not kept back for that. */
        NOT_JUDGED
    }
}
