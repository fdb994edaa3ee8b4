//! Certificates: those to trust, and that of the client.

use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use super::insecure::AcceptsAll;
use super::pem_file::PemFile;
use super::self_signed::AcceptsTrusted;
use super::settings::{ConnectionError, ConnectionSettings};

/// Certificates of a connection.
#[derive(Clone, Default)]
pub(super) struct Certificates {
    /// Trusted besides those of the system.
    roots: Vec<CertificateDer<'static>>,
    identity: Option<Arc<CertifiedKey>>,
    accepts_all: bool,
}

impl Certificates {
    pub(super) fn read(settings: &ConnectionSettings) -> Result<Self, ConnectionError> {
        let roots = match &settings.cacert {
            Some(file) => certificates("--cacert", file)?,
            None => Vec::new(),
        };
        let identity = match &settings.cert {
            Some(file) => Some(identity(file, settings.key.as_ref())?),
            None => None,
        };
        Ok(Self { roots, identity, accepts_all: settings.insecure })
    }

    pub(super) fn accepts_all(&self) -> bool {
        self.accepts_all
    }

    /// The TLS client. The certificates of the system are loaded only if it is used, since that takes time.
    ///
    /// # Errors
    /// If the system and the settings contain no trusted certificate.
    pub(super) fn client(&self, is_used: bool) -> Result<ClientConfig, rustls::Error> {
        let provider = provider();
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()?;
        let builder = match (self.accepts_all, is_used) {
            (false, false) => builder.with_root_certificates(RootCertStore::empty()),
            (true, _) => verified_by(builder, AcceptsAll::new(provider)),
            (false, true) => {
                let trusted = self.roots.clone();
                let verifier = Verifier::new_with_extra_roots(trusted.iter().cloned(), provider)?;
                verified_by(builder, AcceptsTrusted { trusted, otherwise: Arc::new(verifier) })
            }
        };
        Ok(match &self.identity {
            Some(identity) => builder
                .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity.clone()))),
            None => builder.with_no_client_auth(),
        })
    }
}

/// A builder that verifies certificates with `verifier`.
fn verified_by(
    builder: rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>,
    verifier: impl ServerCertVerifier + 'static,
) -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
    builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// All certificates of a file.
fn certificates(
    option: &'static str,
    file: &PemFile,
) -> Result<Vec<CertificateDer<'static>>, ConnectionError> {
    let content = file.read().map_err(|error| unusable(option, file, &error.to_string()))?;
    match CertificateDer::pem_slice_iter(&content).collect::<Result<Vec<_>, _>>() {
        Ok(certificates) if certificates.is_empty() => {
            Err(unusable(option, file, "it contains no certificate in PEM format"))
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(unusable(option, file, &reason(&error))),
    }
}

/// The client certificate with its key.
fn identity(cert: &PemFile, key: Option<&PemFile>) -> Result<Arc<CertifiedKey>, ConnectionError> {
    let chain = certificates("--cert", cert)?;
    let (option, file) = match key {
        Some(key) => ("--key", key),
        None => ("--cert", cert),
    };
    let content = file.read().map_err(|error| unusable(option, file, &error.to_string()))?;
    let key = PrivateKeyDer::from_pem_slice(&content).map_err(|error| {
        let reason = match error {
            pem::Error::NoItemsFound => {
                "it contains no private key in PEM format; name its file with --key, and decrypt an encrypted \
                 one first (openssl pkey -in KEY -out DECRYPTED)"
                    .to_owned()
            }
            error => reason(&error),
        };
        unusable(option, file, &reason)
    })?;
    let identity = CertifiedKey::from_der(chain, key, &provider());
    Ok(Arc::new(identity.map_err(|error| ConnectionError::Identity(error.to_string()))?))
}

fn reason(error: &pem::Error) -> String {
    format!("it is not in PEM format: {error}")
}

fn unusable(option: &'static str, file: &PemFile, reason: &str) -> ConnectionError {
    ConnectionError::File { option, path: file.path().to_owned(), reason: reason.to_owned() }
}
