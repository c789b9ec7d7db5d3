DROP TABLE reception_norms;
