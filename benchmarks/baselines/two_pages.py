import streamlit as st


def first() -> None:
    st.write("first page")


def second() -> None:
    st.write("second page")


st.navigation([st.Page(first), st.Page(second)], position="top").run()
