import streamlit as st

clicks = st.session_state.setdefault("clicks", 0)
if st.button("click"):
    st.session_state["clicks"] += 1
st.write(f"clicks {st.session_state['clicks']}.")
