package org.convoy.model.layer;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which layers of a network, and vertices of a graph, run natively and which stay DL4J's, in the network's order. */
public record LayerPlan(List<Placement> placements) {

    /**
     * One layer or vertex.
     *
     * @param layer its name
     * @param type DL4J's name for the kind
     * @param parameters how many it has; batch norm's running statistics count
     * @param stockBecause why DL4J's own layer stays; empty if Convoy's runs
     */
    public record Placement(String layer, String type, long parameters, Optional<String> stockBecause) {

        @Override
        public String toString() {
            return layer + " " + type + ": "
                    + stockBecause.map(reason -> "stock, " + reason).orElse("native");
        }
    }

    public LayerPlan {
        placements = List.copyOf(placements);
    }

    /** The layers that stay DL4J's. */
    public List<Placement> stock() {
        return placements.stream()
                .filter(placement -> placement.stockBecause().isPresent())
                .collect(Collectors.toList());
    }

    /** One line per layer. */
    @Override
    public String toString() {
        return placements.stream().map(Placement::toString).collect(Collectors.joining("\n"));
    }
}
