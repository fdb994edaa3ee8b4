//! Kinds of invalid tokens. Each has a requirement on requests and one on sockets.

/// Declares one rule per kind of token. `check` takes the kind in addition to the arguments of a rule.
macro_rules! rules_by_token {
    ($check:ident; $($name:ident: $requirement:ident => $kind:ident,)*) => {
        $(pub(super) const $name: $crate::rule::Rule = $crate::rule::Rule {
            requirement: hearback_contract::RequirementId::$requirement,
            check: |input, context| {
                $check(input, context, hearback_history::CredentialKind::$kind)
            },
        };)*
    };
}

pub(super) use rules_by_token;

#[cfg(test)]
pub(super) mod testing {
    //! Histories with each kind of token.

    use crate::rules::testing::assert_detects;

    /// The kinds in the history DSL, and in the ids of requirements.
    const KINDS: [(&str, &str); 6] = [
        ("anonymous", "missing-token"),
        ("garbage", "garbage-token"),
        ("tampered", "tampered-token"),
        ("alg-none", "alg-none"),
        ("expired", "expired-token"),
        ("refresh-as-access", "refresh-as-access"),
    ];

    /// Asserts that each rule reports the first of two histories with its kind of token, and not the second. The ids of
    /// the requirements begin with `prefix`.
    pub(in super::super) fn assert_each_rejected(
        prefix: &str,
        histories: impl Fn(&str) -> [String; 2],
    ) {
        for (kind, name) in KINDS {
            let [violating, conforming] = histories(kind);
            assert_detects(&format!("{prefix}{name}-refused"), &violating, &conforming);
        }
    }
}
