package org.convoy.score;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.convoy.runtime.UserError;

/** What some units' files hold, and their summaries in one; made on an executor. */
record Described(List<ScoreReport.File> files, UnitSummary summary) implements Serializable {

    static Iterator<Described> of(Iterator<Integer> units, OutputFiles there, Configuration hadoop, int classes)
            throws IOException {
        List<ScoreReport.File> files = new ArrayList<>();
        UnitSummary summary = new UnitSummary(classes);
        while (units.hasNext()) {
            int unit = units.next();
            Path file = there.file(unit);
            try {
                files.add(new ScoreReport.File(
                        file.getName(),
                        there.format().rows(hadoop, file),
                        file.getFileSystem(hadoop).getFileStatus(file).getLen()));
                summary.add(there.readSummary(hadoop, unit, classes));
            } catch (FileNotFoundException e) {
                throw UserError.badInput("[" + file + "] or its summary was deleted meanwhile; run again", e);
            } catch (IOException | RuntimeException e) {
                throw UserError.badInput(
                        "[" + file + "] cannot be read: " + e.getMessage() + "; delete the file and run again", e);
            }
        }
        return List.of(new Described(files, summary)).iterator();
    }
}
