//! Imports between the files of a crate, as its sources declare them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, ItemUse, UseTree, Visibility};

/// Segments of a path.
type Segments = Vec<String>;

/// The imports of a crate: for each file, the files that it imports from, with the paths that do so.
pub(super) type Imports = BTreeMap<PathBuf, BTreeMap<PathBuf, BTreeSet<String>>>;

/// A module that is a file.
#[derive(Default)]
struct Module {
    file: PathBuf,
    /// Names of the modules that it declares.
    children: BTreeSet<String>,
    /// Imported names, with their paths.
    names: HashMap<String, Segments>,
    /// Imports with `pub`: they pass a name on, and are imports of this file only if it uses the name itself.
    passed_on: BTreeSet<String>,
    /// Paths of modules whose names are all imported, and whether they are passed on.
    globs: Vec<(Segments, bool)>,
    /// Names that it defines.
    items: BTreeSet<String>,
    /// Every path outside of imports.
    paths: BTreeSet<Segments>,
}

/// The modules of a crate, by their path from its root.
#[derive(Default)]
struct Modules(HashMap<Segments, Module>);

/// The imports of the crate with this root file. Code that is compiled for tests only is excluded.
pub(super) fn imports(root: &Path) -> Imports {
    let mut modules = Modules::default();
    modules.read(root, Vec::new(), root.parent().unwrap());
    let mut imports = Imports::new();
    for (path, module) in &modules.0 {
        for imported in module.imports() {
            let Some(target) = modules.defining(path, &imported, 0) else { continue };
            let target = &modules.0[&target].file;
            if *target != module.file {
                let files = imports.entry(module.file.clone()).or_default();
                files.entry(target.clone()).or_default().insert(imported.join("::"));
            }
        }
    }
    imports
}

impl Module {
    /// Every path by which it refers to another module, or may.
    fn imports(&self) -> BTreeSet<Segments> {
        let is_used = |name: &String| self.paths.iter().any(|path| path[0] == *name);
        let named = self
            .names
            .iter()
            .filter(|(name, _)| !self.passed_on.contains(*name) || is_used(name))
            .map(|(_, path)| path);
        let globs =
            self.globs.iter().filter(|(_, is_passed_on)| !is_passed_on).map(|(path, _)| path);
        let written = self.paths.iter().filter(|path| path.len() > 1);
        named.chain(globs).chain(written).cloned().collect()
    }

    fn import(&mut self, tree: &UseTree, mut before: Segments, is_passed_on: bool) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(&path.tree, before, is_passed_on);
            }
            UseTree::Name(name) if name.ident == "self" => {
                self.name(before.last().cloned().unwrap_or_default(), before, is_passed_on);
            }
            UseTree::Name(name) => {
                before.push(name.ident.to_string());
                self.name(name.ident.to_string(), before, is_passed_on);
            }
            UseTree::Rename(rename) => {
                if rename.ident != "self" {
                    before.push(rename.ident.to_string());
                }
                self.name(rename.rename.to_string(), before, is_passed_on);
            }
            UseTree::Glob(_) => self.globs.push((before, is_passed_on)),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, before.clone(), is_passed_on);
                }
            }
        }
    }

    fn name(&mut self, name: String, path: Segments, is_passed_on: bool) {
        if is_passed_on {
            self.passed_on.insert(name.clone());
        }
        self.names.insert(name, path);
    }

    fn items(&mut self, item: &Item) {
        let name = match item {
            Item::Const(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Fn(item) => &item.sig.ident,
            Item::Static(item) => &item.ident,
            Item::Struct(item) => &item.ident,
            Item::Trait(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Macro(item) => match &item.ident {
                Some(name) => name,
                None => return,
            },
            _ => return,
        };
        self.items.insert(name.to_string());
    }

    /// Adds the paths of the arguments of a macro.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Segments = Vec::new();
        // A name after a dot is a field or a method.
        let (mut separators, mut dots) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(name) if dots != 1 => {
                    if separators != 2 {
                        self.paths.extend((!path.is_empty()).then(|| std::mem::take(&mut path)));
                    }
                    path.push(name.to_string());
                    (separators, dots) = (0, 0);
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => separators += 1,
                other => {
                    self.paths.extend((!path.is_empty()).then(|| std::mem::take(&mut path)));
                    separators = 0;
                    match other {
                        TokenTree::Punct(mark) if mark.as_char() == '.' => dots += 1,
                        TokenTree::Group(group) => {
                            dots = 0;
                            self.tokens(group.stream());
                        }
                        _ => dots = 0,
                    }
                }
            }
        }
        self.paths.extend((!path.is_empty()).then_some(path));
    }
}

impl Modules {
    /// Reads a file, and the files of the modules that it declares, which are in `folder`.
    fn read(&mut self, file: &Path, path: Segments, folder: &Path) {
        let text = std::fs::read_to_string(file).unwrap();
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        module.visit_file(&parsed);
        for child in &module.children {
            let inner = folder.join(child);
            let files = [inner.join("mod.rs"), folder.join(format!("{child}.rs"))];
            let file = files.iter().find(|file| file.exists());
            let file = file.unwrap_or_else(|| panic!("{file:?}: no file of `{child}`"));
            self.read(file, [path.clone(), vec![child.clone()]].concat(), &inner);
        }
        self.0.insert(path, module);
    }

    /// The module that defines what `path` names in the module `within`; `None` if it is of another crate.
    ///
    /// Names that modules pass on lead to the module that defines them.
    fn defining(&self, within: &Segments, path: &[String], depth: usize) -> Option<Segments> {
        let module = &self.0[within];
        let first = path.first()?;
        let ups = path.iter().take_while(|segment| *segment == "super").count();
        match first.as_str() {
            "crate" => self.descend(Vec::new(), &path[1..], depth),
            "self" => self.descend(within.clone(), &path[1..], depth),
            "super" => {
                let at = within.len().checked_sub(ups)?;
                self.descend(within[..at].to_vec(), &path[ups..], depth)
            }
            name if module.children.contains(name) => self.descend(within.clone(), path, depth),
            // An import such as `use toml::toml` names itself.
            name if depth < 8 && module.names.get(name).is_some_and(|it| it[0] != name) => {
                let path = [&module.names[name], &path[1..]].concat();
                self.defining(within, &path, depth + 1)
            }
            _ => None,
        }
    }

    fn descend(&self, mut at: Segments, mut path: &[String], depth: usize) -> Option<Segments> {
        while let [first, rest @ ..] = path
            && self.0[&at].children.contains(first)
        {
            at.push(first.clone());
            path = rest;
        }
        let module = &self.0[&at];
        let Some(name) = path.first() else { return Some(at) };
        if module.items.contains(name) || depth > 8 {
            return Some(at);
        }
        if module.names.contains_key(name) {
            return self.defining(&at, path, depth + 1);
        }
        let passed_on = module.globs.iter().filter(|(_, is_passed_on)| *is_passed_on);
        let through = passed_on.filter_map(|(glob, _)| {
            let target = self.defining(&at, glob, depth + 1)?;
            let has_name = self.0[&target].items.contains(name);
            has_name.then_some(target)
        });
        through.chain([at.clone()]).next()
    }
}

/// Returns whether the code is compiled for tests or documentation only.
fn is_excluded(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).any(|attribute| {
        attribute
            .parse_args::<syn::Path>()
            .is_ok_and(|it| it.is_ident("test") || it.is_ident("doc"))
    })
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Const(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Static(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if is_excluded(attributes) {
            return;
        }
        match item {
            Item::Mod(declared) if declared.content.is_none() => {
                self.children.insert(declared.ident.to_string());
            }
            _ => {
                self.items(item);
                visit::visit_item(self, item);
            }
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        match item {
            ImplItem::Fn(function) if is_excluded(&function.attrs) => {}
            _ => visit::visit_impl_item(self, item),
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_passed_on = !matches!(item.vis, Visibility::Inherited);
        self.import(&item.tree, Vec::new(), is_passed_on);
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {
        // The path of `pub(in path)` imports nothing.
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|segment| segment.ident.to_string());
        self.paths.insert(segments.collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}
