//! Certificates of a test authority.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// An authority that issues certificates of servers and clients.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// The names that server certificates are valid for.
const NAMES: [&str; 4] = ["localhost", "chat.test", "127.0.0.1", "::1"];

impl Authority {
    /// A new authority.
    #[expect(clippy::new_without_default, reason = "every authority is different")]
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("valid parameters"))
    }

    /// Its certificate (PEM).
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A client certificate and its key (PEM).
    pub fn client(&self) -> (String, String) {
        let (certificate, key) =
            self.issue(vec!["client.test".to_owned()], ExtendedKeyUsagePurpose::ClientAuth);
        (certificate.pem(), key.serialize_pem())
    }

    /// The TLS of a server for `localhost`, `chat.test` and the loopback addresses. Clients need a certificate of
    /// `clients` if there is one.
    pub fn server(&self, clients: Option<&Self>) -> ServerConfig {
        let names = NAMES.map(str::to_owned).to_vec();
        let (certificate, key) = self.issue(names, ExtendedKeyUsagePurpose::ServerAuth);
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let builder = ServerConfig::builder();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                roots.add(CertificateDer::from(clients.0.der().to_vec())).expect("a certificate");
                let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build();
                builder.with_client_cert_verifier(verifier.expect("a root"))
            }
        };
        builder
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("the key belongs to it")
    }

    /// A self-signed certificate that is one of an authority, as `openssl req -x509` makes it, for a host (PEM), and the
    /// TLS of a server that presents it.
    pub fn self_signed(host: &str) -> (String, ServerConfig) {
        let mut params = CertificateParams::new(vec![host.to_owned()]).expect("valid names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("valid parameters");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key);
        (certificate.pem(), config.expect("the key belongs to it"))
    }

    fn issue(
        &self,
        names: Vec<String>,
        purpose: ExtendedKeyUsagePurpose,
    ) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(names).expect("valid names");
        params.extended_key_usages = vec![purpose];
        let certificate = params.signed_by(&key, &self.0).expect("valid parameters");
        (certificate, key)
    }
}
