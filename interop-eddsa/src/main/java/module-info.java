/** Key objects of net.i2p.crypto:eddsa in and out, and nothing else of it. */
// An automatic module, named by its own manifest: the name will not change with the file's.
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"})
module io.keywright.interop.eddsa {
    requires transitive io.keywright;
    requires transitive net.i2p.crypto.eddsa;
    requires static transitive org.jspecify;

    exports io.keywright.interop.eddsa;
}
