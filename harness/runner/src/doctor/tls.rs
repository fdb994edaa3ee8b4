//! The certificate of the target.

use hearback_client::explain;
use hearback_history::escape::escape;
use jiff::{SignedDuration, Timestamp};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use x509_parser::x509::X509Name;

use super::examination::Examination;
use super::finding::Finding;

/// Remaining validity that is a warning.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Maximum length of a name, in characters.
const LONGEST_NAME: usize = 80;

pub(super) async fn check(examination: &mut Examination) -> Finding {
    match examination.tls.take() {
        None => Finding::passed("not used: the URL of the target begins with http://"),
        Some(Err(failure)) => Finding::failed(&explain(&examination.client, failure).await),
        Some(Ok(tls)) => match tls.certificate.as_deref().map(X509Certificate::from_der) {
            Some(Ok((_, certificate))) => of_certificate(&certificate, Timestamp::now()),
            Some(Err(_)) | None => Finding::passed("the certificate is trusted"),
        },
    }
}

fn of_certificate(certificate: &X509Certificate<'_>, now: Timestamp) -> Finding {
    let issuer = name(certificate.issuer());
    let until = Timestamp::from_second(certificate.validity().not_after.timestamp());
    let until = until.unwrap_or(Timestamp::MAX);
    let found = format!("trusted; issued by {issuer}, valid until {}", until.strftime("%F"));
    if until.duration_since(now) < SOON {
        return Finding::warning(found, "renew the certificate of the target");
    }
    Finding::passed(found)
}

/// The common name, otherwise all of the name.
fn name(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|name| name.as_str().ok());
    escape(&common.map_or_else(|| name.to_string(), str::to_owned), LONGEST_NAME)
}
