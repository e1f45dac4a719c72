package org.convoy.repository;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A line of a model's {@code HISTORY.jsonl}.
 *
 * @param action what was done; a line without it, of an older repository, is of a publish
 * @param version to which version
 * @param at when, ISO-8601 in UTC
 * @param by which user
 * @param host on which machine; null in lines of an older repository
 * @param why in words
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HistoryEntry(Action action, int version, String at, String by, String host, String why) {
    public HistoryEntry {
        action = action == null ? Action.PUBLISH : action;
    }

    /** What happens to versions after they were added. */
    public enum Action {
        /** It became the current one. */
        @JsonProperty("publish")
        PUBLISH,
        /** It became the current one again, and the one that was current is not gone back to. */
        @JsonProperty("rollback")
        ROLLBACK,
        /** It was deleted. */
        @JsonProperty("prune")
        PRUNE
    }
}
