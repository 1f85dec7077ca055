//! Which cryptography rustls uses when this program is a client: ring, which builds with a C
//! compiler alone.

/// Makes it so; to be called before a client is built, as often as one likes.
pub fn ready() {
    // An error means that it was chosen before.
    let _chosen = rustls::crypto::ring::default_provider().install_default();
}
