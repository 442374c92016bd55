package io.keywright.transport.sshd;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.AsynchronousSocketChannel;
import java.util.Map;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.AttributeRepository.AttributeKey;
import org.apache.sshd.common.FactoryManager;
import org.apache.sshd.common.future.CloseFuture;
import org.apache.sshd.common.future.SshFutureListener;
import org.apache.sshd.common.io.DefaultIoConnectFuture;
import org.apache.sshd.common.io.IoConnectFuture;
import org.apache.sshd.common.io.IoConnector;
import org.apache.sshd.common.io.IoHandler;
import org.apache.sshd.common.io.IoServiceEventListener;
import org.apache.sshd.common.io.IoServiceFactory;
import org.apache.sshd.common.io.IoSession;
import org.apache.sshd.common.io.nio2.Nio2Connector;
import org.apache.sshd.common.io.nio2.Nio2ServiceFactory;
import org.apache.sshd.common.io.nio2.Nio2ServiceFactoryFactory;
import org.apache.sshd.common.io.nio2.Nio2Session;

/**
 * MINA's connector, which also starts sessions on sockets that are connected already: through a proxy or a jump host. Such
 * a socket comes with the attributes of the connection, under {@link #SOCKET}.
 */
final class TunnelConnector implements IoConnector {
    /** Where a connection's attributes have the socket to use, if it is connected already. */
    static final AttributeKey<AsynchronousSocketChannel> SOCKET = new AttributeKey<>();

    private final Nio2Connector direct;
    private final Nio2ServiceFactory factory;
    private final IoHandler handler;

    private TunnelConnector(Nio2Connector direct, Nio2ServiceFactory factory, IoHandler handler) {
        this.direct = direct;
        this.factory = factory;
        this.handler = handler;
    }

    /** Makes MINA use these connectors. */
    static Nio2ServiceFactoryFactory factory() {
        return new Nio2ServiceFactoryFactory(null) {
            @Override
            public IoServiceFactory create(FactoryManager manager) {
                return new Nio2ServiceFactory(manager, newExecutor(), newExecutor()) {
                    @Override
                    public IoConnector createConnector(IoHandler handler) {
                        return new TunnelConnector((Nio2Connector) super.createConnector(handler), this, handler);
                    }
                };
            }
        };
    }

    @Override
    public IoConnectFuture connect(SocketAddress address, AttributeRepository context, SocketAddress local) {
        AsynchronousSocketChannel socket = context == null ? null : context.getAttribute(SOCKET);
        if (socket == null) {
            return direct.connect(address, context, local);
        }
        IoConnectFuture future = new DefaultIoConnectFuture(address, null);
        try {
            Nio2Session session = factory.createSession(direct, handler, socket, null);
            session.setAttribute(AttributeRepository.class, context);
            handler.sessionCreated(session);
            future.setSession(session);
            session.startReading();
        } catch (Throwable e) {
            try {
                socket.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            future.setException(e);
        }
        return future;
    }

    // --- the rest is MINA's own ---

    @Override
    public Map<Long, IoSession> getManagedSessions() {
        return direct.getManagedSessions();
    }

    @Override
    public IoServiceEventListener getIoServiceEventListener() {
        return direct.getIoServiceEventListener();
    }

    @Override
    public void setIoServiceEventListener(IoServiceEventListener listener) {
        direct.setIoServiceEventListener(listener);
    }

    @Override
    public CloseFuture close(boolean immediately) {
        return direct.close(immediately);
    }

    @Override
    public void addCloseFutureListener(SshFutureListener<CloseFuture> listener) {
        direct.addCloseFutureListener(listener);
    }

    @Override
    public void removeCloseFutureListener(SshFutureListener<CloseFuture> listener) {
        direct.removeCloseFutureListener(listener);
    }

    @Override
    public boolean isClosed() {
        return direct.isClosed();
    }

    @Override
    public boolean isClosing() {
        return direct.isClosing();
    }
}
