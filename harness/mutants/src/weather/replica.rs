//! Copies of the server that respond to some reads and lag behind it.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use hearback_reference::delivery::EventRewriter;
use hearback_reference::{App, Wire};
use tower::ServiceExt as _;

/// A copy that responds to some reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReplicaSpec {
    /// Reads below these paths.
    pub(super) path: &'static str,
    /// Time between two updates of the copy.
    pub(super) period: Duration,
}

/// A copy of the server.
#[derive(Clone)]
pub(super) struct Replica {
    pub(super) spec: ReplicaSpec,
    pub(super) parts: Arc<OnceLock<(Router, Arc<App>)>>,
}

impl Replica {
    /// Copies the database again and again, until the server or the copy ends.
    pub(super) async fn follow(self, primary: Weak<App>) {
        let Some((_, copy)) = self.parts.get() else { return };
        let (copy, period) = (Arc::downgrade(copy), self.spec.period);
        // The layer of the server keeps the copy; this task must not.
        drop(self);
        loop {
            {
                let (Some(primary), Some(copy)) = (primary.upgrade(), copy.upgrade()) else {
                    return;
                };
                let source = primary.chat();
                // A copy that fails is repeated after the period.
                drop(source.store.copy_to(&mut copy.chat().store));
            }
            tokio::time::sleep(period).await;
        }
    }
}

/// Has the copy respond to the reads that it is for.
pub(super) async fn read(
    State(replicas): State<Arc<[Replica]>>,
    request: Request,
    next: Next,
) -> Response {
    if request.method() == Method::GET
        && let Some(replica) =
            replicas.iter().find(|replica| request.uri().path().starts_with(replica.spec.path))
        && let Some((router, _)) = replica.parts.get()
    {
        // The parameters of the path would be there twice.
        let (mut head, body) = request.into_parts();
        head.extensions.clear();
        let request = Request::from_parts(head, body);
        let Ok(response) = router.clone().oneshot(request).await;
        return response;
    }
    next.run(request).await
}

/// The wire of a copy, which gives away its routes.
pub(super) struct CopiedWire {
    pub(super) base: Arc<dyn Wire>,
    pub(super) parts: Arc<OnceLock<(Router, Arc<App>)>>,
}

impl Wire for CopiedWire {
    fn routes(&self, routes: Router, app: &Arc<App>) -> Router {
        let routes = self.base.routes(routes, app);
        self.parts.get_or_init(|| (routes.clone(), Arc::clone(app)));
        routes
    }

    fn rewriter(&self) -> Option<Box<dyn EventRewriter>> {
        None
    }
}
