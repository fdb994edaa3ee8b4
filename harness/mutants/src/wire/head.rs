//! Changed heads of responses, whatever was requested.

use axum::extract::Request;
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use super::layer::Remembering;
use crate::memory::Memory;

/// Changes a response; the method is that of the request.
pub(crate) type HeadChange = fn(&Memory, &Method, &mut Response);

/// Applies a change to the response.
pub(crate) async fn change_head(
    (change, memory): Remembering<HeadChange>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let mut response = next.run(request).await;
    change(&memory, &method, &mut response);
    response
}
