package org.convoy.model.layer;

import org.bytedeco.dnnl.global.dnnl.algorithm;
import org.convoy.model.layer.OnednnPrimitive.WorkingMemory;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

import static org.assertj.core.api.Assertions.assertThat;

class MaximumGradientTest {
    /** Few different values, of both signs: most windows have several largest inputs. */
    @ParameterizedTest
    @CsvSource({
        // N, C, H, W, kernel, stride, padding, mode
        "1, 1, 4, 4, 2, 2, 0, Truncate",
        "5, 20, 24, 24, 2, 2, 0, Truncate",
        "3, 7, 9, 8, 2, 2, 0, Truncate",
        "2, 40, 9, 10, 2, 2, 0, Same",
        "2, 4, 10, 11, 3, 3, 1, Truncate",
        "2, 3, 11, 7, 2, 3, 0, Truncate",
        "2, 3, 11, 7, 2, 3, 1, Truncate",
        "1, 5, 6, 6, 1, 2, 0, Truncate",
    })
    void isOnednns(int N, int C, int H, int W, int kernel, int stride, int padding, ConvolutionMode mode) {
        Filter filter = new Filter(pair(kernel), pair(stride), pair(1), pair(padding), mode);
        INDArray x = few(N, H, W, C);
        OnednnPooling onednn = new OnednnPooling(algorithm.pooling_max, filter, x);
        INDArray y = Nd4j.create(DataType.FLOAT, filter.outputShape(x, C));
        INDArray dy = Nd4j.randn(DataType.FLOAT, y.shape());
        INDArray expected = Nd4j.valueArrayOf(x.shape(), Float.NaN, DataType.FLOAT);
        INDArray dx = expected.dup();
        LayerWorkspaceMgr noWorkspaces = LayerWorkspaceMgr.noWorkspaces();
        onednn.forward(x, y, WorkingMemory.forward(noWorkspaces));
        onednn.backward(dy, expected, WorkingMemory.backward(noWorkspaces));

        new MaximumGradient(filter, x).write(x, dy, dx);

        assertThat(dx.data().asFloat()).isEqualTo(expected.data().asFloat());
    }

    private static int[] pair(int value) {
        return new int[] {value, value};
    }

    /** -1, 0 and 1. */
    private static INDArray few(long... shape) {
        return Nd4j.rand(DataType.FLOAT, shape)
                .muli(3)
                .subi(1.5)
                .castTo(DataType.INT32)
                .castTo(DataType.FLOAT);
    }
}
