package io.keywright.testkit.transport;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keywright.Passphrase;
import io.keywright.SshPublicKey;
import io.keywright.testkit.server.ServerAccount;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An account of the operating system, as the contract wants it.
 *
 * @param home where relative paths of SFTP start
 */
record RealAccount(ServerAccount account, Path home) implements ContractServer.Account {
    @Override
    public String name() {
        return account.name();
    }

    @Override
    public void authorize(List<SshPublicKey> keys) {
        account.writeAuthorizedKeys(
                keys.stream().map(key -> key.toLine() + "\n").collect(Collectors.joining()));
    }

    @Override
    public void setPassword(Passphrase password) {
        assumeTrue(account.isThrowAway(), "only root gives accounts passwords");
        account.setPassword(password);
    }
}
