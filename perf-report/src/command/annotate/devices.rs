//! The values that take long to write to, by what a file of sources says of their types: files, connections, the terminal, and
//! other types that do more with bytes than to collect them.

use std::collections::HashSet;

use syn::{
    Expr, FnArg, Ident, Member, Pat, Signature, Type,
    visit::{self, Visit},
};

/// Types that write to the system at each call.
const TYPES: [&str; 12] = [
    "ChildStdin",
    "File",
    "OpenOptions",
    "Stderr",
    "StderrLock",
    "Stdout",
    "StdoutLock",
    "TcpStream",
    "UdpSocket",
    "UnixDatagram",
    "UnixStream",
    "NamedTempFile",
];

/// Types that collect what is written.
const BUFFERS: [&str; 7] = ["BufStream", "BufWriter", "BytesMut", "Cursor", "LineWriter", "String", "Vec"];

/// The fields of the structs of a file that write to the system: of which type, and how they are called.
#[derive(Default)]
pub(super) struct Fields(HashSet<(String, String)>);

impl Fields {
    pub(super) fn of(file: &syn::File) -> Fields {
        let mut fields = Fields::default();
        fields.visit_file(file);
        fields
    }
}

impl<'ast> Visit<'ast> for Fields {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        for (place, field) in item.fields.iter().enumerate() {
            if Words::of_type(&field.ty).say_device() {
                let name = field.ident.as_ref().map_or_else(|| place.to_string(), Ident::to_string);
                self.0.insert((item.ident.to_string(), name));
            }
        }
    }
}

/// The values in a function that write to the system, by their names.
#[derive(Clone, Debug, Default)]
pub(super) struct Devices {
    variables: HashSet<String>,
    fields: HashSet<String>,
    /// The function writes what others have collected: a whole buffer.
    flushes: bool,
}

impl Devices {
    /// Those of a function of a type; of a free function the type's name is empty.
    pub(super) fn of(fields: &Fields, owner: &str, signature: &Signature, body: &syn::Block) -> Devices {
        let own = fields.0.iter().filter(|(of, _)| of == owner);
        let mut devices = Devices {
            fields: own.map(|(_, field)| field.clone()).collect(),
            flushes: signature.ident.to_string().starts_with("flush"),
            ..Devices::default()
        };
        for input in &signature.inputs {
            if let FnArg::Typed(input) = input
                && Words::of_type(&input.ty).say_device()
            {
                devices.add(&input.pat);
            }
        }
        devices.visit_block(body);
        devices
    }

    /// Whether a write to a value is known to be more than a copy into a buffer.
    pub(super) fn have(&self, value: &Expr) -> bool {
        self.flushes || self.are(value)
    }

    fn are(&self, value: &Expr) -> bool {
        match value {
            Expr::Path(path) => path.path.get_ident().is_some_and(|name| self.variables.contains(&name.to_string())),
            Expr::Field(field) if matches!(&*field.base, Expr::Path(base) if base.path.is_ident("self")) => {
                self.fields.contains(&match &field.member {
                    Member::Named(name) => name.to_string(),
                    Member::Unnamed(place) => place.index.to_string(),
                })
            }
            Expr::Reference(inner) => self.are(&inner.expr),
            Expr::Paren(inner) => self.are(&inner.expr),
            Expr::Try(inner) => self.are(&inner.expr),
            Expr::MethodCall(call) => self.are(&call.receiver) || Words::of(value).say_device(),
            Expr::Call(_) => Words::of(value).say_device(),
            _ => false,
        }
    }

    fn add(&mut self, pattern: &Pat) {
        match pattern {
            Pat::Ident(name) => {
                self.variables.insert(name.ident.to_string());
            }
            Pat::Type(typed) => self.add(&typed.pat),
            Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|pattern| self.add(pattern)),
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for Devices {
    fn visit_local(&mut self, local: &'ast syn::Local) {
        if local.init.as_ref().is_some_and(|init| self.are(&init.expr) || makes_known(&init.expr)) {
            self.add(&local.pat);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_let(&mut self, condition: &'ast syn::ExprLet) {
        if self.are(&condition.expr) {
            self.add(&condition.pat);
        }
        visit::visit_expr_let(self, condition);
    }
}

/// Whether a value is made by a function of a type that is no parameter, and that collects nothing: `Adler32::new()`.
fn makes_known(value: &Expr) -> bool {
    let Expr::Call(call) = value else { return false };
    let Expr::Path(path) = &*call.func else { return false };
    let of = path.path.segments.iter().rev().nth(1).map(|of| of.ident.to_string()).unwrap_or_default();
    of.len() > 2 && of.starts_with(char::is_uppercase) && of != "Self" && !BUFFERS.contains(&of.as_str())
}

/// The words of a piece of code.
#[derive(Default)]
struct Words(HashSet<String>);

impl Words {
    fn of(expression: &Expr) -> Words {
        let mut words = Words::default();
        words.visit_expr(expression);
        words
    }

    fn of_type(of: &Type) -> Words {
        let mut words = Words::default();
        words.visit_type(of);
        words
    }

    /// Whether they name what writes to the system, and nothing that collects what is written.
    fn say_device(&self) -> bool {
        TYPES.iter().any(|name| self.0.contains(*name)) && !BUFFERS.iter().any(|name| self.0.contains(*name))
    }
}

impl<'ast> Visit<'ast> for Words {
    fn visit_ident(&mut self, word: &'ast Ident) {
        self.0.insert(word.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_types_and_by_how_they_were_opened() {
        let text = "struct Log { file: std::fs::File, kept: std::io::BufWriter<File>, any: W }\n\
                    impl Log { fn f(&mut self, given: &mut File, to: &mut W) {\n\
                    let made = File::create(\"x\")?; let kept = BufWriter::new(File::create(\"x\")?); let other = to;\n\
                    let hash = Adler32::new(); let text = Vec::new();\n\
                    if let Ok(mut opened) = std::net::TcpStream::connect(\"x\") {} } }";
        let file: syn::File = syn::parse_str(text).expect("a file");
        let syn::Item::Impl(block) = &file.items[1] else { panic!("an impl block") };
        let syn::ImplItem::Fn(function) = &block.items[0] else { panic!("a function") };
        let devices = Devices::of(&Fields::of(&file), "Log", &function.sig, &function.block);
        for (written, is_known) in [
            ("given", true),
            ("made", true),
            ("opened", true),
            ("self.file", true),
            ("(&self.file)", true),
            ("self.file.by_ref()", true),
            ("File::create(path)?", true),
            ("hash", true),
            ("text", false),
            ("to", false),
            ("kept", false),
            ("other", false),
            ("self.kept", false),
            ("self.any", false),
            ("self", false),
        ] {
            let value: Expr = syn::parse_str(written).expect("an expression");
            assert_eq!(devices.have(&value), is_known, "{written}");
        }
    }
}
