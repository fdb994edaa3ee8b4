//! A certificate for a NATS server, and the one that signed it.

use rcgen::{BasicConstraints, CertificateParams, DnType, Error, IsCa, Issuer, KeyPair};

/// A certificate with its key and the certificate that signed it (PEM).
pub(super) struct Certificate {
    pub(super) certificate: String,
    pub(super) key: String,
    pub(super) authority: String,
}

impl Certificate {
    /// A new certificate for a host. The key that signed it is not kept.
    pub(super) fn of(host: &str) -> Result<Self, Error> {
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.distinguished_name.push(DnType::CommonName, "hearback");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let signing_key = KeyPair::generate()?;
        let signed = authority.self_signed(&signing_key)?.pem();
        let issuer = Issuer::new(authority, signing_key);
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec![host.to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, host);
        let certificate = params.signed_by(&key, &issuer)?;
        Ok(Self { certificate: certificate.pem(), key: key.serialize_pem(), authority: signed })
    }
}
