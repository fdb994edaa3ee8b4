//! Bad tokens, made from good ones. Section *Authentication*.

use std::time::Duration;

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hearback_contract::UserId;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};

/// Something that is no token of any kind.
pub const GARBAGE: &str = "not-a-token";

/// How long ago a forged token expired, in seconds.
const EXPIRED_FOR: i64 = 3600;

/// Why a token cannot be forged.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ForgeError {
    /// It is opaque.
    #[error("the target's tokens are no JSON Web Tokens, so there is nothing to re-encode")]
    NotAJwt,
    /// The signing secret was not given.
    #[error(
        "an expired token can only be signed with the target's JWT secret, which was not given"
    )]
    NoSecret,
    /// The token is signed in another way.
    #[error("the target signs with {0}; only HS256 can be forged")]
    OtherAlgorithm(String),
    /// The token does not say whose it is.
    #[error("the target's tokens have no `user_id`, so none can be made out to another account")]
    NoUser,
    /// The signing secret is another one.
    #[error("the JWT secret given is not the one that the target signs with")]
    WrongSecret,
}

/// `token` with another signature; an opaque token gets another first character.
pub fn tampered(token: &str) -> String {
    let at = match token.rfind('.') {
        Some(dot) if Jwt::parse(token).is_ok() => dot + 1,
        _ => 0,
    };
    // The first character's six bits are all part of the first byte; of the last one's, some are padding.
    let (kept, rest) = token.split_at(at);
    let mut letters = rest.chars();
    let other = match letters.next() {
        Some('A' | 'a') => 'B',
        _ => 'A',
    };
    format!("{kept}{other}{}", letters.as_str())
}

/// `token` with the algorithm `none` and no signature.
pub fn unsigned(token: &str) -> Result<String, ForgeError> {
    let mut jwt = Jwt::parse(token)?;
    jwt.header.insert("alg".to_owned(), json!("none"));
    Ok(format!("{}.", jwt.signing_input()))
}

/// `token` signed anew, having expired an hour ago.
pub fn expired(token: &str, secret: Option<&SecretString>) -> Result<String, ForgeError> {
    let mut jwt = Jwt::parse(token)?;
    let secret = secret.ok_or(ForgeError::NoSecret)?;
    let key = Key::new(HMAC_SHA256, secret.expose_secret().as_bytes());
    jwt.verify(&key)?;
    let expiry = Timestamp::now().as_second() - EXPIRED_FOR;
    jwt.claims.insert("exp".to_owned(), json!(expiry));
    for claim in ["iat", "nbf"] {
        // Issued after its own end, a token might be refused for that instead.
        jwt.claims.entry(claim).and_modify(|time| *time = json!(expiry - EXPIRED_FOR));
    }
    Ok(jwt.signed_with(&key))
}

/// `token`, which opens another account, made out to a user: for many accounts without as many log-ins.
pub fn for_user(token: &str, user_id: UserId, secret: &SecretString) -> Result<String, ForgeError> {
    let mut jwt = Jwt::parse(token)?;
    let key = Key::new(HMAC_SHA256, secret.expose_secret().as_bytes());
    jwt.verify(&key)?;
    // As it was written: some targets write the number as text.
    let id = match jwt.claims.get("user_id") {
        Some(Value::String(_)) => json!(user_id.to_string()),
        Some(_) => json!(user_id.get()),
        None => return Err(ForgeError::NoUser),
    };
    jwt.claims.insert("user_id".to_owned(), id);
    jwt.name_anew();
    Ok(jwt.signed_with(&key))
}

/// `token` with all of its times later.
pub(crate) fn later(
    token: &str,
    by: Duration,
    secret: &SecretString,
) -> Result<String, ForgeError> {
    let mut jwt = Jwt::parse(token)?;
    let key = Key::new(HMAC_SHA256, secret.expose_secret().as_bytes());
    for claim in ["exp", "iat", "nbf"] {
        if let Some(time) = jwt.time(claim) {
            jwt.claims.insert(claim.to_owned(), json!(time + by.as_secs() as i64));
        }
    }
    jwt.name_anew();
    Ok(jwt.signed_with(&key))
}

/// How long `token` is good for: from when it was issued if it is `fresh` and says so, or else from now.
/// `None` if it is opaque, or does not expire.
pub(crate) fn lifetime(token: &str, fresh: bool) -> Option<Duration> {
    let jwt = Jwt::parse(token).ok()?;
    let issued = jwt.time("iat").filter(|_| fresh);
    let from = issued.unwrap_or_else(|| Timestamp::now().as_second());
    let seconds = jwt.time("exp")?.saturating_sub(from);
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
}

struct Jwt<'a> {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Jwt<'a> {
    fn parse(token: &'a str) -> Result<Self, ForgeError> {
        let object = |part: &str| -> Option<Map<String, Value>> {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
        };
        let parts = || {
            let (signed, signature) = token.rsplit_once('.')?;
            let (header, claims) = signed.split_once('.')?;
            Some(Self { header: object(header)?, claims: object(claims)?, signed, signature })
        };
        parts().ok_or(ForgeError::NotAJwt)
    }

    fn verify(&self, key: &Key) -> Result<(), ForgeError> {
        let algorithm = self.header.get("alg").and_then(Value::as_str).unwrap_or("nothing");
        if algorithm != "HS256" {
            return Err(ForgeError::OtherAlgorithm(crate::escape::excerpt(algorithm, 20)));
        }
        let signature =
            URL_SAFE_NO_PAD.decode(self.signature).map_err(|_| ForgeError::WrongSecret)?;
        hmac::verify(key, self.signed.as_bytes(), &signature).map_err(|_| ForgeError::WrongSecret)
    }

    /// A time in seconds; some targets write fractions of one.
    fn time(&self, claim: &str) -> Option<i64> {
        let time = self.claims.get(claim)?;
        time.as_i64().or_else(|| time.as_f64().map(|time| time as i64))
    }

    /// Another token has another id, where tokens have one.
    fn name_anew(&mut self) {
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

    /// RFC 7515, appendix A.1, has a key of octets; this is the well-known example of jwt.io.
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
    fn a_tampered_signature_decodes_to_other_bytes() {
        let tampered = tampered(TOKEN);
        assert_ne!(signature(&tampered), signature(TOKEN));
        assert_eq!(tampered.rsplit_once('.').unwrap().0, TOKEN.rsplit_once('.').unwrap().0);
    }

    #[test]
    fn an_opaque_token_can_be_tampered_with_but_not_re_encoded() {
        for token in ["abc", "Abc", "5f.zz.9", "ü", ""] {
            let tampered = tampered(token);
            assert!(!tampered.eq_ignore_ascii_case(token), "{token} {tampered}");
            assert_eq!(unsigned(token), Err(ForgeError::NotAJwt));
            assert_eq!(expired(token, Some(&secret())), Err(ForgeError::NotAJwt));
        }
    }

    #[test]
    fn an_unsigned_token_keeps_its_claims() {
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
    fn an_expired_token_is_rightly_signed() {
        let token = expired(TOKEN, Some(&secret())).unwrap();
        let jwt = Jwt::parse(&token).unwrap();
        jwt.verify(&Key::new(HMAC_SHA256, b"your-256-bit-secret")).unwrap();
        let time = |claim: &str| jwt.claims[claim].as_i64().unwrap();
        assert!(time("exp") < Timestamp::now().as_second() - 3000);
        assert!(time("iat") < time("exp"));
        assert_eq!(jwt.claims["name"], "John Doe");
    }

    #[test]
    fn a_token_is_made_out_to_another_user_in_the_way_it_was_written() {
        let key = Key::new(HMAC_SHA256, b"your-256-bit-secret");
        let mut jwt = Jwt::parse(TOKEN).unwrap();
        assert_eq!(for_user(TOKEN, UserId::new(7), &secret()), Err(ForgeError::NoUser));
        for (written, expected) in [(json!(3), json!(7)), (json!("3"), json!("7"))] {
            jwt.claims.insert("user_id".to_owned(), written);
            let token = for_user(&jwt.signed_with(&key), UserId::new(7), &secret()).unwrap();
            let made = Jwt::parse(&token).unwrap();
            made.verify(&key).unwrap();
            assert_eq!(made.claims["user_id"], expected);
            assert_eq!(made.claims["name"], "John Doe");
        }
        let wrong = for_user(&jwt.signed_with(&key), UserId::new(7), &"another secret".into());
        assert_eq!(wrong, Err(ForgeError::WrongSecret));
    }

    #[test]
    fn without_the_right_secret_nothing_is_signed() {
        assert_eq!(expired(TOKEN, None), Err(ForgeError::NoSecret));
        assert_eq!(expired(TOKEN, Some(&"other".into())), Err(ForgeError::WrongSecret));
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let other = format!("{}.{}.AA", part(json!({"alg": "RS256"})), part(json!({})));
        assert_eq!(
            expired(&other, Some(&secret())),
            Err(ForgeError::OtherAlgorithm("RS256".to_owned()))
        );
    }
}
