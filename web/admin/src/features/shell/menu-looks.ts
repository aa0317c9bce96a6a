/** The looks of a menu that floats, and of a line in it. */
export const MENU_POPUP = 'min-w-[220px] rounded-3 bg-raised p-[.4rem] shadow-pop outline-none'
export const MENU_ITEM = 'mt-1 block cursor-pointer rounded-2 px-[.6rem] py-2 outline-none data-highlighted:bg-hover'
