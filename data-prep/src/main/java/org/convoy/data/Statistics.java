package org.convoy.data;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a dataset knows of its train split's pixels. Each kind holds the ones before it. */
public enum Statistics {
    /** Mean, standard deviation and covariance of the channels. */
    @JsonProperty("channels")
    CHANNELS("channels"),

    /** The mean of each value of a picture as well. */
    @JsonProperty("mean-picture")
    MEAN_PICTURE("mean-picture"),

    /** The covariance of all values of a picture as well. */
    @JsonProperty("covariance")
    COVARIANCE("covariance");

    private final String label;

    Statistics(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
