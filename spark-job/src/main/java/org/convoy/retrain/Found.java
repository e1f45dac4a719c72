package org.convoy.retrain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.convoy.model.BadModelException;
import org.convoy.prepare.EarlierDataset;
import org.convoy.repository.ModelRepository;
import org.convoy.retrain.Retrain.SetAside;
import org.convoy.retrain.RetrainReport.TakenInput;
import org.convoy.runtime.UserError;

/**
 * What is new, and what the current version is.
 *
 * @param fresh inputs to take in
 * @param known inputs that the dataset has, and of which it is not written down yet how they were
 * @param current the version to compare with and to start from; 0 if there is none
 * @param dataset the dataset's digest; "" if there is none
 * @param rows that the dataset has
 * @param runs of prepare that have made the dataset
 * @param newest number of the newest version where candidates go; 0 if there is none
 * @param considered digest of the dataset that was judged last; "" if none was
 * @param notes what else is to know
 */
record Found(
        List<Input> fresh,
        List<Input> known,
        int current,
        String dataset,
        long rows,
        int runs,
        int newest,
        String considered,
        List<String> notes) {

    /** Whether the dataset is what was judged last, and nothing has come. */
    boolean nothingNew() {
        return fresh.isEmpty() && isJudged();
    }

    boolean isJudged() {
        return dataset.equals(considered);
    }

    /** All inputs that the dataset has or is to have. */
    List<Input> inDataset() {
        List<Input> all = new ArrayList<>(known);
        all.addAll(fresh);
        return all;
    }

    /** Looks. */
    static final class Search {
        private final Configuration hadoop;
        private final RetrainConfig config;
        private final ModelRepository repository;
        private final Workplace workplace;

        Search(Configuration hadoop, RetrainConfig config, ModelRepository repository, Workplace workplace) {
            this.hadoop = hadoop;
            this.config = config;
            this.repository = repository;
            this.workplace = workplace;
        }

        /**
         * Looks at inputs, dataset and current version.
         *
         * @throws UserError (bad input) if there is nothing to begin with, or the current version cannot be read
         */
        Found now(SetAside setAside) {
            Ledger ledger = Ledger.read(hadoop, workplace.ledger());
            Optional<EarlierDataset> dataset = EarlierDataset.read(hadoop, new Path(config.dataset()));
            List<TakenInput> runs = dataset.map(there -> DatasetRuns.of(hadoop, there.manifest()))
                    .orElse(List.of());
            Set<String> inDataset = runs.stream().map(TakenInput::path).collect(Collectors.toSet());
            List<Input> fresh = new ArrayList<>();
            List<Input> known = new ArrayList<>();
            Map<String, Input> taken = byPath(ledger.taken());
            Map<String, Input> aside = byPath(ledger.setAside());
            for (Input input : Inputs.matching(hadoop, config.input())) {
                if (taken.containsKey(input.path())) {
                    if (!taken.get(input.path()).equals(input)) {
                        fresh.add(input);
                    }
                } else if (aside.containsKey(input.path())) {
                    if (setAside == SetAside.RETRY || !aside.get(input.path()).equals(input)) {
                        fresh.add(input);
                    }
                } else if (inDataset.contains(input.path())) {
                    known.add(input);
                } else {
                    fresh.add(input);
                }
            }
            if (fresh.isEmpty() && dataset.isEmpty()) {
                throw UserError.badInput("[" + config.input() + "] holds no files, and there is no dataset in ["
                        + config.dataset() + "] yet: prepare.input must name the first pictures");
            }
            List<String> notes = new ArrayList<>();
            int current = current(notes);
            List<Integer> versions = workplace.candidates(hadoop).versions(config.modelName());
            return new Found(
                    fresh,
                    known,
                    current,
                    dataset.map(EarlierDataset::digest).orElse(""),
                    dataset.map(there -> there.manifest().counts().written()).orElse(0L),
                    runs.size(),
                    versions.isEmpty() ? 0 : versions.get(versions.size() - 1),
                    considered(ledger, current),
                    notes);
        }

        private static Map<String, Input> byPath(List<Input> inputs) {
            Map<String, Input> byPath = new HashMap<>();
            inputs.forEach(input -> byPath.put(input.path(), input));
            return byPath;
        }

        private String considered(Ledger ledger, int current) {
            if (!ledger.considered().isEmpty() || current == 0) {
                return ledger.considered();
            }
            return repository.card(config.modelName(), current).datasetDigest();
        }

        private int current(List<String> notes) {
            String name = config.modelName();
            Optional<Integer> current = repository.current(name);
            Optional<String> broken = current.flatMap(this::broken);
            if (broken.isEmpty()) {
                return current.orElse(0);
            }
            String what = name + "@" + current.get() + " is current and cannot be read: " + broken.get();
            if (config.corruptCurrent() == CorruptCurrent.REFUSE) {
                throw UserError.badInput(what + "; publish another version, or go on from the one before it with"
                        + " retrain.corrupt-current = predecessor");
            }
            int before = repository
                    .predecessor(name)
                    .filter(version -> broken(version).isEmpty())
                    .orElseThrow(() -> UserError.badInput(
                            what + ", and no version that was current before it can be; publish one"));
            if (workplace.isReal()) {
                repository.rollback(name, what);
            }
            notes.add(what + "; " + name + "@" + before + " is taken in its place");
            return before;
        }

        /** Why a version cannot be used, in words; empty if it can. */
        private Optional<String> broken(int version) {
            try {
                repository.archive(config.modelName(), version);
                repository.card(config.modelName(), version);
                return Optional.empty();
            } catch (BadModelException | UserError e) {
                return Optional.of(e.getMessage());
            }
        }
    }
}
