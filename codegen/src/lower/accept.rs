//! `accept`.

use cmsl_parser::{Diagnostic, Span, ast};

use super::{Lower, poison, typed};
use crate::check::servers;
use crate::ir::{Accept, Expr, ExprKind, Timeout, Type};

impl<'a> Lower<'_, 'a> {
    /// `accept (futures, n) timeout (seconds) { … }`
    pub fn accept(&mut self, accept: &'a ast::Accept, span: Span) -> Expr {
        let futures = self.value(&accept.futures);
        let count = self.expect(&accept.count, Type::Long, "the number of futures");
        let timeout = accept.timeout.as_ref().map(|timeout| {
            let seconds = self.expect(&timeout.seconds, Type::Double, "a timeout in seconds");
            let block = timeout.block.as_ref().map(|block| self.block(block).0);
            Box::new(Timeout { seconds, block })
        });
        self.facts.effects.calls_servers = true;
        self.facts.effects.waits = true;
        self.facts.effects.reply_order = true;
        let element = self.checker.program.types.element(futures.ty);
        let fits = match futures.ty {
            Type::Future(_) => true,
            Type::Array(_) | Type::List(_) => matches!(element, Some(Type::Future(_))),
            _ => false,
        };
        if !fits {
            if futures.ty != Type::Poison {
                let message = format!("`{}` is no future", self.show(futures.ty));
                self.report(
                    Diagnostic::new(servers::ACCEPT_NOT_FUTURE, futures.span, message)
                        .note("`accept` waits for futures")
                        .help("a future is what `invoke s->m (…)` gives"),
                );
            }
            return typed(poison(span).kind, Type::Int, span);
        }
        let accept = Accept {
            futures: Box::new(futures),
            count: Box::new(count),
            timeout,
        };
        typed(ExprKind::Accept(accept), Type::Int, span)
    }
}
