package org.convoy.model.engine;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.memory.MemoryWorkspaceManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GpuDeviceTest {
    private final List<String> calls = new ArrayList<>();

    @Test
    void aTasksAddressBecomesNd4jsDeviceInItsThread() {
        use("1", Optional.empty());
        assertThat(calls).containsExactly("destroyAllWorkspacesForCurrentThread", "unsafeSetDevice 1");
    }

    @Test
    void workspacesGoWhenAThreadGetsAnotherGpuAndStayOtherwise() {
        use("2", Optional.empty());
        calls.clear();
        use("2", Optional.empty());
        use("3", Optional.empty());
        assertThat(calls)
                .containsExactly("unsafeSetDevice 2", "destroyAllWorkspacesForCurrentThread", "unsafeSetDevice 3");
    }

    @Test
    void cudaCountsTheGpusThatTheProcessMaySee() {
        assertThat(GpuDevice.ordinal("3", Optional.empty())).isEqualTo(3);
        assertThat(GpuDevice.ordinal("3", Optional.of("2, 3"))).isEqualTo(1);
        assertThatThrownBy(() -> GpuDevice.ordinal("1", Optional.of("2,3")))
                .hasMessage("CUDA_VISIBLE_DEVICES must name GPU 1, which Spark gave the task, but was 2,3");
    }

    private void use(String address, Optional<String> visible) {
        GpuDevice.use(address, visible, recording(AffinityManager.class), recording(MemoryWorkspaceManager.class));
    }

    /** Writes down what is called of it. */
    private <T> T recording(Class<T> type) {
        Object proxy =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    calls.add(method.getName() + (arguments == null ? "" : " " + arguments[0]));
                    return null;
                });
        return type.cast(proxy);
    }
}
