//! Form B: `type Filter = unsafe extern "C" fn(entry: &dirent) -> c_int;`

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::{lints, signature};
use crate::parse::args::Args;
use crate::parse::callback::Callback;
use crate::parse::callback_type::CallbackType;
use crate::parse::cfg;

pub(super) fn expand(alias: &CallbackType, args: &Args) -> TokenStream {
    cfg::combinations(&alias.callback.params)
        .into_iter()
        .map(|(cfg, params)| expand_under(&cfg, alias, &Callback { params, ..alias.callback.clone() }, args))
        .collect()
}

fn expand_under(cfg: &TokenStream, alias: &CallbackType, callback: &Callback, args: &Args) -> TokenStream {
    let CallbackType { attrs, vis, name, generics, .. } = alias;
    let lints = lints::lint_levels(attrs);
    let (impl_generics, type_generics, _) = generics.split_for_impl();
    let signature = signature::signature(name, generics, callback, args);
    let (pointer, runtime) = (callback.pointer_in_declaration(), &args.runtime);
    let shown_name = name.to_string();
    // The traits are not derived, because a derive would require them of the type parameters too.
    quote! {
        #cfg
        #(#attrs)*
        #[repr(transparent)]
        #vis struct #name #generics (#vis #pointer);

        #cfg
        #lints
        const _: () = {
            #signature

            #[automatically_derived]
            impl #impl_generics ::core::clone::Clone for #name #type_generics {
                fn clone(&self) -> Self {
                    *self
                }
            }

            #[automatically_derived]
            impl #impl_generics ::core::marker::Copy for #name #type_generics {}

            #[automatically_derived]
            impl #impl_generics ::core::fmt::Debug for #name #type_generics {
                fn fmt(&self, __tramp_formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #runtime::__private::show_pointer(__tramp_formatter, #shown_name, &self.0)
                }
            }
        };
    }
}
