package org.convoy.model.bench;

import java.util.List;

/** The engines that are compared. */
enum EngineKind {
    /** DL4J as shipped: its default native build, and no setting but the number of threads. */
    STOCK("stock DL4J") {
        @Override
        Peer create(BenchNetwork network, BenchImages images, int batches) {
            return Dl4jPeer.stock(network, images, batches);
        }

        @Override
        List<String> javaOptions(int threads) {
            return List.of("-Xmx2g", "-Dorg.bytedeco.javacpp.maxbytes=12g");
        }
    },
    CONVOY("Convoy") {
        @Override
        Peer create(BenchNetwork network, BenchImages images, int batches) {
            return Dl4jPeer.convoy(network, images, batches);
        }

        @Override
        List<String> javaOptions(int threads) {
            return List.of("-Xmx2g");
        }
    },
    LIBTORCH("libtorch") {
        @Override
        Peer create(BenchNetwork network, BenchImages images, int batches) {
            return new LibtorchPeer(network, images, batches);
        }

        @Override
        List<String> javaOptions(int threads) {
            return List.of(
                    "-Xmx2g",
                    "-Dai.djl.offline=true",
                    "-Dai.djl.pytorch.num_threads=" + threads,
                    "-Dai.djl.pytorch.num_interop_threads=1");
        }
    };

    private final String title;

    EngineKind(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    abstract Peer create(BenchNetwork network, BenchImages images, int batches);

    abstract List<String> javaOptions(int threads);
}
