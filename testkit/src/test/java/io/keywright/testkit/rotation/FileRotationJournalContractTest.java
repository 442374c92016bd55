package io.keywright.testkit.rotation;

import io.keywright.rotation.FileRotationJournal;
import io.keywright.rotation.RotationJournal;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FileRotationJournalContractTest extends RotationJournalContractTest {
    @TempDir
    private Path directory;

    @Override
    protected RotationJournal reopen() {
        return FileRotationJournal.open(directory.resolve("journal"));
    }
}
