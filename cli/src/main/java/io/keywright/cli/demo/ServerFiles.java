package io.keywright.cli.demo;

import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.CopyOption;
import java.nio.file.FileSystemException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.security.Principal;
import java.util.Collection;
import java.util.Set;
import java.util.function.Function;
import org.apache.sshd.common.session.SessionContext;
import org.apache.sshd.sftp.server.FileHandle;
import org.apache.sshd.sftp.server.SftpFileSystemAccessor;
import org.apache.sshd.sftp.server.SftpSubsystemProxy;

/** What SFTP sees of a server's file system: relative paths start at the home, and a read-only one takes no changes. */
final class ServerFiles implements SftpFileSystemAccessor {
    private final Function<SessionContext, EmbeddedServer> servers;

    ServerFiles(Function<SessionContext, EmbeddedServer> servers) {
        this.servers = servers;
    }

    @Override
    public Path resolveLocalFilePath(SftpSubsystemProxy subsystem, Path rootDir, String remotePath) throws IOException {
        if (remotePath.startsWith("/")) {
            return SftpFileSystemAccessor.super.resolveLocalFilePath(subsystem, rootDir, remotePath);
        }
        EmbeddedServer server = server(subsystem);
        Path home = rootDir.resolve("/")
                .resolve(server.root().relativize(server.home()).toString());
        return SftpFileSystemAccessor.super.resolveLocalFilePath(subsystem, home, remotePath);
    }

    @Override
    public SeekableByteChannel openFile(
            SftpSubsystemProxy subsystem,
            FileHandle fileHandle,
            Path file,
            String handle,
            Set<? extends OpenOption> options,
            FileAttribute<?>... attributes)
            throws IOException {
        if (options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND)) {
            requireWritable(subsystem, file);
        }
        return SftpFileSystemAccessor.super.openFile(subsystem, fileHandle, file, handle, options, attributes);
    }

    @Override
    public void setFileAttribute(
            SftpSubsystemProxy subsystem, Path file, String view, String attribute, Object value, LinkOption... options)
            throws IOException {
        requireWritable(subsystem, file);
        SftpFileSystemAccessor.super.setFileAttribute(subsystem, file, view, attribute, value, options);
    }

    @Override
    public void setFileOwner(SftpSubsystemProxy subsystem, Path file, Principal value, LinkOption... options)
            throws IOException {
        requireWritable(subsystem, file);
        SftpFileSystemAccessor.super.setFileOwner(subsystem, file, value, options);
    }

    @Override
    public void setGroupOwner(SftpSubsystemProxy subsystem, Path file, Principal value, LinkOption... options)
            throws IOException {
        requireWritable(subsystem, file);
        SftpFileSystemAccessor.super.setGroupOwner(subsystem, file, value, options);
    }

    @Override
    public void setFilePermissions(
            SftpSubsystemProxy subsystem, Path file, Set<PosixFilePermission> permissions, LinkOption... options)
            throws IOException {
        requireWritable(subsystem, file);
        SftpFileSystemAccessor.super.setFilePermissions(subsystem, file, permissions, options);
    }

    @Override
    public void createDirectory(SftpSubsystemProxy subsystem, Path path) throws IOException {
        requireWritable(subsystem, path);
        SftpFileSystemAccessor.super.createDirectory(subsystem, path);
    }

    @Override
    public void createLink(SftpSubsystemProxy subsystem, Path link, Path existing, boolean symLink) throws IOException {
        requireWritable(subsystem, link);
        SftpFileSystemAccessor.super.createLink(subsystem, link, existing, symLink);
    }

    @Override
    public void renameFile(SftpSubsystemProxy subsystem, Path from, Path to, Collection<CopyOption> options)
            throws IOException {
        requireWritable(subsystem, from);
        SftpFileSystemAccessor.super.renameFile(subsystem, from, to, options);
    }

    @Override
    public void copyFile(SftpSubsystemProxy subsystem, Path from, Path to, Collection<CopyOption> options)
            throws IOException {
        requireWritable(subsystem, to);
        SftpFileSystemAccessor.super.copyFile(subsystem, from, to, options);
    }

    @Override
    public void removeFile(SftpSubsystemProxy subsystem, Path path, boolean isDirectory) throws IOException {
        requireWritable(subsystem, path);
        SftpFileSystemAccessor.super.removeFile(subsystem, path, isDirectory);
    }

    private void requireWritable(SftpSubsystemProxy subsystem, Path path) throws FileSystemException {
        if (server(subsystem).isReadOnly()) {
            throw new FileSystemException(path.toString(), null, "Read-only file system");
        }
    }

    private EmbeddedServer server(SftpSubsystemProxy subsystem) {
        return servers.apply(subsystem.getSession());
    }
}
