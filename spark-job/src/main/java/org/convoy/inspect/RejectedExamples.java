package org.convoy.inspect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.convoy.data.Manifest;
import org.convoy.data.PreparedDataset;
import org.convoy.data.RejectedPicture;

/** A few rejected pictures of each reason, read on the driver file by file until there are enough. */
final class RejectedExamples {
    private static final int PER_REASON = 3;

    private RejectedExamples() {}

    /** Examples by reason, in the manifest's order. */
    static Map<String, List<RejectedPicture>> of(Configuration hadoop, PreparedDataset dataset) {
        Map<String, Long> wanted = dataset.manifest().counts().rejected();
        Map<String, List<RejectedPicture>> examples = new LinkedHashMap<>();
        wanted.keySet().forEach(reason -> examples.put(reason, new ArrayList<>()));
        for (Manifest.DataFile file : dataset.manifest().rejectedFiles()) {
            if (enough(wanted, examples)) {
                break;
            }
            RejectedPicture.read(hadoop, new Path(dataset.path(), file.path()), rejected -> {
                List<RejectedPicture> ofReason = examples.get(rejected.reason());
                if (ofReason != null && ofReason.size() < PER_REASON) {
                    ofReason.add(rejected);
                }
            });
        }
        return examples;
    }

    private static boolean enough(Map<String, Long> wanted, Map<String, List<RejectedPicture>> examples) {
        return wanted.entrySet().stream()
                .allMatch(reason -> examples.get(reason.getKey()).size() >= Math.min(reason.getValue(), PER_REASON));
    }
}
