//! JWT forgery: invalid tokens, and tokens of other users. Section *Authentication*.

use std::time::Duration;

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hearback_contract::UserId;
use hearback_history::escape::escape;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};

/// Text that is not a token.
pub const GARBAGE: &str = "not-a-token";

/// Lifetime of an expiring token.
pub(crate) const EXPIRES: Duration = Duration::from_secs(2);

/// Time since a forged token expired, in seconds.
const EXPIRED_FOR: i64 = 3600;

/// Error of forging a token.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum JwtForgeryError {
    /// The token is opaque.
    #[error("the tokens of the target are not JSON Web Tokens, so they cannot be re-encoded")]
    NotAJwt,
    /// The JWT secret was not given.
    #[error("signing an expired token requires the JWT secret of the target (--jwt-secret-env)")]
    NoSecret,
    /// The token is signed with another algorithm.
    #[error("the target signs with {0}; only HS256 is supported")]
    OtherAlgorithm(String),
    /// The token has no user id.
    #[error("the tokens of the target have no `user_id`, so other users cannot be impersonated")]
    NoUserId,
    /// The target signs with another secret.
    #[error("the JWT secret does not match that of the target")]
    WrongSecret,
}

/// `token` with another signature, or with another first character if it is opaque.
pub fn tampered(token: &str) -> String {
    let at = match token.rfind('.') {
        Some(dot) if Jwt::parse(token).is_ok() => dot + 1,
        _ => 0,
    };
    // All bits of the first character are significant; some of the last one may be padding.
    let (kept, rest) = token.split_at(at);
    let mut letters = rest.chars();
    let other = match letters.next() {
        Some('A' | 'a') => 'B',
        _ => 'A',
    };
    format!("{kept}{other}{}", letters.as_str())
}

/// The claims of a token, which is not verified; `None` if it is opaque.
pub(crate) fn claims(token: &str) -> Option<Map<String, Value>> {
    Jwt::parse(token).ok().map(|jwt| jwt.claims)
}

/// `token` with the algorithm `none` and without a signature.
pub fn unsigned(token: &str) -> Result<String, JwtForgeryError> {
    let mut jwt = Jwt::parse(token)?;
    jwt.header.insert("alg".to_owned(), json!("none"));
    Ok(format!("{}.", jwt.signing_input()))
}

/// `token` signed again, with an expiry one hour ago.
pub fn expired(token: &str, secret: Option<&SecretString>) -> Result<String, JwtForgeryError> {
    let mut jwt = Jwt::parse(token)?;
    let secret = secret.ok_or(JwtForgeryError::NoSecret)?;
    let key = Key::new(HMAC_SHA256, secret.expose_secret().as_bytes());
    jwt.verify(&key)?;
    let expiry = Timestamp::now().as_second() - EXPIRED_FOR;
    jwt.claims.insert("exp".to_owned(), json!(expiry));
    for claim in ["iat", "nbf"] {
        // A token that was issued after its expiry might be rejected for that instead.
        jwt.claims.entry(claim).and_modify(|time| *time = json!(expiry - EXPIRED_FOR));
    }
    Ok(jwt.signed_with(&key))
}

/// `token`, which was issued `age` ago, signed again, with an expiry two seconds from now by the clock of the target.
pub fn expiring(
    token: &str,
    age: Option<Duration>,
    secret: Option<&SecretString>,
) -> Result<String, JwtForgeryError> {
    let mut jwt = Jwt::parse(token)?;
    let secret = secret.ok_or(JwtForgeryError::NoSecret)?;
    let key = Key::new(HMAC_SHA256, secret.expose_secret().as_bytes());
    jwt.verify(&key)?;
    let age = age.and_then(|age| i64::try_from(age.as_secs()).ok());
    let now = jwt.time("iat").zip(age).map(|(issued, age)| issued.saturating_add(age));
    let now = now.unwrap_or_else(|| Timestamp::now().as_second());
    jwt.claims.insert("exp".to_owned(), json!(now.saturating_add(2)));
    jwt.renew_jti();
    Ok(jwt.signed_with(&key))
}

/// `token` of another user, signed again for `user_id`: load runs need many accounts, but few logins.
pub fn impersonate(
    token: &str,
    user_id: UserId,
    secret: &SecretString,
) -> Result<String, JwtForgeryError> {
    let mut jwt = Jwt::parse(token)?;
    let key = Key::new(HMAC_SHA256, secret.expose_secret().as_bytes());
    jwt.verify(&key)?;
    // Keep the type: some targets write the number as text.
    let id = match jwt.claims.get("user_id") {
        Some(Value::String(_)) => json!(user_id.to_string()),
        Some(_) => json!(user_id.get()),
        None => return Err(JwtForgeryError::NoUserId),
    };
    jwt.claims.insert("user_id".to_owned(), id);
    jwt.renew_jti();
    Ok(jwt.signed_with(&key))
}

/// `token` signed again, with all of its times moved forward.
pub(crate) fn postpone(
    token: &str,
    by: Duration,
    secret: &SecretString,
) -> Result<String, JwtForgeryError> {
    let mut jwt = Jwt::parse(token)?;
    let key = Key::new(HMAC_SHA256, secret.expose_secret().as_bytes());
    let seconds = i64::try_from(by.as_secs()).unwrap_or(i64::MAX);
    for claim in ["exp", "iat", "nbf"] {
        if let Some(time) = jwt.time(claim) {
            jwt.claims.insert(claim.to_owned(), json!(time.saturating_add(seconds)));
        }
    }
    jwt.renew_jti();
    Ok(jwt.signed_with(&key))
}

/// Lifetime of `token`: from the time of issue if the token is fresh and has one, otherwise from now.
///
/// `None` if it is opaque or does not expire.
pub(crate) fn lifetime(token: &str, is_fresh: bool) -> Option<Duration> {
    let jwt = Jwt::parse(token).ok()?;
    let issued = jwt.time("iat").filter(|_| is_fresh);
    let from = issued.unwrap_or_else(|| Timestamp::now().as_second());
    let seconds = jwt.time("exp")?.saturating_sub(from);
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
}

/// A decoded token.
struct Jwt<'a> {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Jwt<'a> {
    fn parse(token: &'a str) -> Result<Self, JwtForgeryError> {
        let object = |part: &str| -> Option<Map<String, Value>> {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
        };
        let parts = || {
            let (signed, signature) = token.rsplit_once('.')?;
            let (header, claims) = signed.split_once('.')?;
            Some(Self { header: object(header)?, claims: object(claims)?, signed, signature })
        };
        parts().ok_or(JwtForgeryError::NotAJwt)
    }

    fn verify(&self, key: &Key) -> Result<(), JwtForgeryError> {
        let algorithm = self.header.get("alg").and_then(Value::as_str).unwrap_or("no algorithm");
        if algorithm != "HS256" {
            return Err(JwtForgeryError::OtherAlgorithm(escape(algorithm, 20)));
        }
        let signature =
            URL_SAFE_NO_PAD.decode(self.signature).map_err(|_| JwtForgeryError::WrongSecret)?;
        hmac::verify(key, self.signed.as_bytes(), &signature)
            .map_err(|_| JwtForgeryError::WrongSecret)
    }

    /// A time in seconds; some targets write fractions.
    fn time(&self, claim: &str) -> Option<i64> {
        let time = self.claims.get(claim)?;
        time.as_i64().or_else(|| time.as_f64().map(|time| time as i64))
    }

    /// Replaces the token id (`jti`), if there is one: each token has its own.
    fn renew_jti(&mut self) {
        let id = json!(format!("{:032x}", fastrand::u128(..)));
        self.claims.entry("jti").and_modify(|known| *known = id);
    }

    fn signed_with(&self, key: &Key) -> String {
        let input = self.signing_input();
        let signature = hmac::sign(key, input.as_bytes());
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn signing_input(&self) -> String {
        let part = |object: &Map<String, Value>| {
            URL_SAFE_NO_PAD.encode(Value::Object(object.clone()).to_string())
        };
        format!("{}.{}", part(&self.header), part(&self.claims))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A token with these claims.
    pub(crate) fn signed(claims: Value, key: &str) -> String {
        let Value::Object(claims) = claims else { panic!("{claims}") };
        let header = json!({"alg": "HS256", "typ": "JWT"}).as_object().unwrap().clone();
        Jwt { header, claims, signed: "", signature: "" }
            .signed_with(&Key::new(HMAC_SHA256, key.as_bytes()))
    }

    /// A claim of a token.
    pub(crate) fn claim(token: &str, name: &str) -> Value {
        Jwt::parse(token).unwrap().claims[name].clone()
    }

    /// The example of jwt.io; that of RFC 7515, appendix A.1, has a binary key.
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
        eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.\
        SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

    fn secret() -> SecretString {
        "your-256-bit-secret".into()
    }

    fn signature(token: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(token.rsplit('.').next().unwrap()).unwrap()
    }

    #[test]
    fn tampering_changes_the_decoded_signature() {
        let tampered = tampered(TOKEN);
        assert_ne!(signature(&tampered), signature(TOKEN));
        assert_eq!(tampered.rsplit_once('.').unwrap().0, TOKEN.rsplit_once('.').unwrap().0);
    }

    #[test]
    fn opaque_tokens_can_be_tampered_with_but_not_re_encoded() {
        for token in ["abc", "Abc", "5f.zz.9", "ü", ""] {
            let tampered = tampered(token);
            assert!(!tampered.eq_ignore_ascii_case(token), "{token} {tampered}");
            assert_eq!(unsigned(token), Err(JwtForgeryError::NotAJwt));
            assert_eq!(expired(token, Some(&secret())), Err(JwtForgeryError::NotAJwt));
        }
    }

    #[test]
    fn unsigned_tokens_keep_their_claims() {
        let unsigned = unsigned(TOKEN).unwrap();
        let parts: Vec<&str> = unsigned.split('.').collect();
        assert_eq!(parts.len(), 3);
        let header: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[0]).unwrap()).unwrap();
        assert_eq!(header, json!({"alg": "none", "typ": "JWT"}));
        assert_eq!(parts[1], TOKEN.split('.').nth(1).unwrap());
        assert_eq!(parts[2], "");
    }

    #[test]
    fn expired_tokens_are_correctly_signed() {
        let token = expired(TOKEN, Some(&secret())).unwrap();
        let jwt = Jwt::parse(&token).unwrap();
        jwt.verify(&Key::new(HMAC_SHA256, b"your-256-bit-secret")).unwrap();
        let time = |claim: &str| jwt.claims[claim].as_i64().unwrap();
        assert!(time("exp") < Timestamp::now().as_second() - 3000);
        assert!(time("iat") < time("exp"));
        assert_eq!(jwt.claims["name"], "John Doe");
    }

    #[test]
    fn impersonation_keeps_the_type_of_the_user_id() {
        let key = Key::new(HMAC_SHA256, b"your-256-bit-secret");
        let mut jwt = Jwt::parse(TOKEN).unwrap();
        assert_eq!(impersonate(TOKEN, UserId::new(7), &secret()), Err(JwtForgeryError::NoUserId));
        for (written, expected) in [(json!(3), json!(7)), (json!("3"), json!("7"))] {
            jwt.claims.insert("user_id".to_owned(), written);
            let token = impersonate(&jwt.signed_with(&key), UserId::new(7), &secret()).unwrap();
            let impersonated = Jwt::parse(&token).unwrap();
            impersonated.verify(&key).unwrap();
            assert_eq!(impersonated.claims["user_id"], expected);
            assert_eq!(impersonated.claims["name"], "John Doe");
        }
        let wrong = impersonate(&jwt.signed_with(&key), UserId::new(7), &"another secret".into());
        assert_eq!(wrong, Err(JwtForgeryError::WrongSecret));
    }

    #[test]
    fn signing_requires_the_secret_of_the_target() {
        assert_eq!(expired(TOKEN, None), Err(JwtForgeryError::NoSecret));
        assert_eq!(expired(TOKEN, Some(&"other".into())), Err(JwtForgeryError::WrongSecret));
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let other = format!("{}.{}.AA", part(json!({"alg": "RS256"})), part(json!({})));
        assert_eq!(
            expired(&other, Some(&secret())),
            Err(JwtForgeryError::OtherAlgorithm("RS256".to_owned()))
        );
    }

    /// Any value of a claim, with extreme numbers.
    fn any_claim() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<i64>().prop_map(Value::from),
            prop::sample::select(vec![i64::MIN, i64::MAX, 0]).prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,10}".prop_map(Value::from),
            Just(Value::Null),
            Just(json!([1])),
        ]
    }

    proptest! {
        #[test]
        fn tokens_with_any_claims_are_forged_and_renewed(
            claims in prop::collection::vec((prop::sample::select(vec!["exp", "iat", "nbf", "jti", "user_id"]), any_claim()), 0..6),
            user in any::<i64>(),
            held in any::<u64>(),
        ) {
            let claims: Map<String, Value> =
                claims.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let token = signed(Value::Object(claims.clone()), "your-256-bit-secret");
            let key = Key::new(HMAC_SHA256, b"your-256-bit-secret");
            let verified = |token: &str| Jwt::parse(token).unwrap().verify(&key);
            let expired = expired(&token, Some(&secret())).unwrap();
            prop_assert_eq!(verified(&expired), Ok(()));
            prop_assert!(claim(&expired, "exp").as_i64() < Some(Timestamp::now().as_second()));
            prop_assert_eq!(verified(&postpone(&token, Duration::from_secs(held), &secret()).unwrap()), Ok(()));
            let other = impersonate(&token, UserId::new(user), &secret());
            prop_assert_eq!(other.is_ok(), claims.contains_key("user_id"));
            prop_assert_eq!(verified(&tampered(&token)), Err(JwtForgeryError::WrongSecret));
            prop_assert!(unsigned(&token).unwrap().ends_with('.'));
            prop_assert!(claims.contains_key("exp") || lifetime(&token, true).is_none());
        }

        #[test]
        fn any_text_is_tampered_with_and_otherwise_rejected(token in "\\PC{0,20}|[A-Za-z0-9_.-]{0,40}") {
            prop_assert_ne!(&tampered(&token), &token);
            prop_assert_eq!(unsigned(&token), Err(JwtForgeryError::NotAJwt));
            prop_assert_eq!(lifetime(&token, false), None);
        }
    }
}
