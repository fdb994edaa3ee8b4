//! Links to other pages of a list.

use url::Url;

use super::variant::Operation;

impl Operation {
    /// Query of a link to another page of the operation, with the documented names of its parameters; `None` if the
    /// link has another path.
    ///
    /// `base` is the base URL of the target, which relative links belong to. Scheme, host and port of the link do not
    /// matter: behind a gateway, a server may know itself by another name. A page is selected by the query alone.
    pub fn page_query(self, base: &Url, link: &str) -> Option<Vec<(String, String)>> {
        let spec = self.spec();
        let mut own = base.clone();
        own.set_path(&format!("{}{}", base.path().trim_end_matches('/'), spec.path));
        let url = own.join(link).ok()?;
        let is_page = matches!(url.scheme(), "http" | "https")
            && url.path() == own.path()
            && url.username().is_empty()
            && url.password().is_none();
        let pairs = url.query_pairs();
        is_page.then(|| {
            pairs
                .map(|(name, value)| (spec.documented_name(&name).to_owned(), value.into_owned()))
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_another_path_has_no_query() {
        let base: Url = "https://host:9443/api".parse().unwrap();
        let query = |link| Operation::MessagesList.page_query(&base, link);
        let page = Some(vec![("page".to_owned(), "2".to_owned())]);
        for link in [
            "https://host:9443/api/chat/messages/?page=2",
            "/api/chat/messages/?page=2",
            "?page=2",
            // The gateway passes on its host without the port, or ends TLS.
            "https://host/api/chat/messages/?page=2",
            "http://host:9443/api/chat/messages/?page=2",
            "http://backend:8000/api/chat/messages/?page=2",
            "//elsewhere/api/chat/messages/?page=2",
        ] {
            assert_eq!(query(link), page, "{link}");
        }
        for link in [
            "/api/chat/rooms/?page=2",
            "/chat/messages/?page=2",
            "https://elsewhere/v2/api/chat/messages/?page=2",
            "https://user:password@host:9443/api/chat/messages/?page=2",
            "ftp://host/api/chat/messages/?page=2",
            "file:///api/chat/messages/?page=2",
            "javascript:alert(1)",
            "http://[",
        ] {
            assert_eq!(query(link), None, "{link}");
        }
    }
}
