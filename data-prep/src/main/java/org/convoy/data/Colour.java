package org.convoy.data;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What the channels of a picture mean. */
public enum Colour {
    /** One channel of luma. */
    @JsonProperty("grey")
    GREY("grey", 1),

    /** Three channels in the order R, G, B. */
    @JsonProperty("rgb")
    RGB("rgb", 3);

    private final String label;
    private final int channels;

    Colour(String label, int channels) {
        this.label = label;
        this.channels = channels;
    }

    public String label() {
        return label;
    }

    public int channels() {
        return channels;
    }
}
