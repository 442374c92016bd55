package io.keywright.transport.sshj;

import java.util.function.Supplier;
import net.schmizz.sshj.common.Factory;

/** An algorithm that is offered by a name. */
record Algorithm<T>(String name, Supplier<? extends T> maker) implements Factory.Named<T> {
    static <T> Factory.Named<T> of(String name, Supplier<? extends T> maker) {
        return new Algorithm<>(name, maker);
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public T create() {
        return maker.get();
    }
}
