package org.convoy.retrain;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.convoy.repository.ModelRepository;
import org.convoy.runtime.ProcessName;

/**
 * Where a cycle writes: to what everybody uses, or aside.
 *
 * @param dataset what new pictures are appended to
 * @param models directory of the repository that candidates are added to
 * @param journal directory of the journal
 * @param ledger file of the ledger, which is read in any case
 * @param aside what is deleted in the end; null if the work is real
 */
record Workplace(String dataset, String models, Path journal, Path ledger, Path aside) {

    /** The dataset, the repository. */
    static Workplace real(RetrainConfig config, ModelRepository repository) {
        Path state = repository.retraining(config.modelName());
        return new Workplace(
                config.dataset(),
                config.modelsDirectory(),
                new Path(state, "cycle"),
                new Path(state, "taken.json"),
                null);
    }

    /** A directory for a rehearsal. */
    static Workplace aside(RetrainConfig config, ModelRepository repository) {
        Path aside = new Path(config.modelsDirectory(), ".dry-run-" + ProcessName.name());
        return new Workplace(
                new Path(aside, "dataset").toString(),
                new Path(aside, "models").toString(),
                new Path(aside, "cycle"),
                new Path(repository.retraining(config.modelName()), "taken.json"),
                aside);
    }

    boolean isReal() {
        return aside == null;
    }

    /** Where candidates go. */
    ModelRepository candidates(Configuration hadoop) {
        return ModelRepository.at(hadoop, models);
    }

    /** The current version as {@code transfer.from} takes it: by its name, or by its path where that means nothing. */
    String parent(ModelRepository repository, String name, int current) {
        return isReal()
                ? name + "@" + current
                : new Path(repository.version(name, current), ModelRepository.ARCHIVE).toString();
    }
}
